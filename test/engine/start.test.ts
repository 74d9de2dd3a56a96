import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { runningProcess } from '../../infra/toolchain/pid-file.ts';
import type { SandboxRecord } from '../../infra/sandbox/sandbox-record.ts';
import { type Sandbox, sandboxAt } from '../../infra/sandbox/sandbox.ts';
import { callApi } from '../sandbox/emulators/google/started-api.ts';
import { docker, forgetBuilds } from '../support/docker-cli.ts';
import { processesIn } from '../support/processes.ts';
import { moveBase } from '../support/pushed-bases.ts';
import { MAKING_MS } from '../../infra/sandbox/upstream.ts';
import { INSTALL_MS } from '../disk/disk-workshop.ts';
import { copyCheckout, type CopiedCheckout } from '../support/copied-checkout.ts';

/** Three Debians are made from their packages where Docker Hub can't be reached. */
const MAKES_BASES = { timeout: 900_000 };

const GOOGLE = 'v1/projects/kubernetes-ci-sandbox/locations/us-central1';
const DECLARED = [`${GOOGLE}/repositories/images`, `${GOOGLE}/jobs/refresh-images`];

let checkout: CopiedCheckout;
let pulls: readonly string[];
/** The emulator's address, and the last words of the first start. */
let emulator: string;
let words: string;
let page: string;
/** The digest of a base that has moved. */
let movedTo: string;

beforeAll(() => {
  checkout = copyCheckout(inject('prerequisites'));
});

afterAll(async () => {
  await checkout.script('stop');
  for (const reference of pulls) await forgetBuilds(reference.split('/')[0] ?? '');
  checkout.remove();
});

describe('npm start', () => {
  it('leaves nothing running when it is interrupted', async () => {
    const { child, done } = checkout.begin();
    child.stdout?.on('data', (text: Buffer) => {
      if (text.includes('✓ Google emulator')) child.kill('SIGINT');
    });
    const { code, output } = await done;
    expect(code, output).toBe(130);
    expect(output).toContain('Nothing that was started is left running.');
    expect(processesIn(checkout.root)).toEqual([]);
  });

  it(
    'brings real Debian images into a registry, and says how to pull each',
    MAKES_BASES,
    async () => {
      const { code, output } = await checkout.script('start');
      expect(code, output).toBe(0);
      pulls = [...output.matchAll(/^docker pull (\S+)$/gm)].map((match) => match[1] ?? '');
      emulator = /^✓ Google emulator +(\S+), started/m.exec(output)?.[1] ?? '';
      words = output;
      expect(pulls.map(distributionOf)).toEqual(['debian-11', 'debian-12', 'debian-13']);
      for (const name of ['debian-11', 'debian-12', 'debian-13']) {
        expect(output).toMatch(new RegExp(`${name} .* [0-9a-f]{32} .* latest .* sha256:.* MB`));
      }
      for (const reference of pulls) {
        await docker('pull', '--quiet', reference);
        const release = await docker(
          'run',
          '--rm',
          '--network',
          'none',
          reference,
          'cat',
          '/etc/os-release',
        );
        expect(`debian-${/VERSION_ID="(\d+)"/.exec(release)?.[1] ?? ''}`).toBe(
          distributionOf(reference),
        );
        await docker('run', '--rm', '--network', 'none', reference, 'python3', '--version');
      }
    },
  );

  it('serves a page of them, with the branches that need them', async () => {
    page = /^✓ page +(http:\S+\/),/m.exec(words)?.[1] ?? '';
    const overview = await (await fetch(page)).text();
    for (const name of ['debian-11', 'debian-12', 'debian-13']) expect(overview).toContain(name);
    const image = await (await fetch(`${page}images/debian-12.html`)).text();
    expect(image).toMatch(/needed by .*release-1\.10/);
    expect(image).toContain('(SLSA Build L1)');
    expect(image).not.toContain(checkout.root);
  });

  it('labels them with what they are made of', async () => {
    const [reference = ''] = pulls;
    const labels = await docker(
      'image',
      'inspect',
      '--format',
      '{{json .Config.Labels}}',
      reference,
    );
    expect(JSON.parse(labels)).toMatchObject({
      'org.opencontainers.image.version': '11',
      'org.opencontainers.image.created': expect.stringMatching(
        /^\d{4}-\d\d-\d\dT[\d:]{8}Z$/,
      ) as string,
      'org.opencontainers.image.base.name': expect.stringContaining('debian:bullseye') as string,
      'org.opencontainers.image.base.digest': expect.stringMatching(/^sha256:/) as string,
    });
  });

  it('declares the repository, its clean-up and the schedule, as in production', async () => {
    const [repository, job] = await declared();
    expect(repository).toMatchObject({
      status: 200,
      body: { format: 'DOCKER', cleanupPolicyDryRun: true },
    });
    expect(repository?.body).toHaveProperty('cleanupPolicies.keep-newest.action', 'KEEP');
    expect(job).toMatchObject({ status: 200, body: { state: 'ENABLED' } });
  });

  it('ends with lines that do what they say', async () => {
    const sandbox = sandboxAt(checkout.root);
    const base = /\S+:bookworm\S*@sha256:\S+/.exec(readFileSync(sandbox.catalogFile, 'utf8'));
    movedTo = await moveBase(sandbox, base?.[0] ?? '');
    const curls = [...words.matchAll(/^ +curl (-X POST )?(?:-H '(\S+): ([^']+)' )?(http\S+)$/gm)];
    const answers: unknown[] = [];
    for (const [, post, header, value = '', url = ''] of curls) {
      const headers = header === undefined ? undefined : { [header]: value };
      const answer = await fetch(url, { method: post === undefined ? 'GET' : 'POST', headers });
      const isJson = answer.headers.get('content-type')?.includes('json') === true;
      answers.push(isJson ? await answer.json() : answer.status);
    }
    expect(answers).toMatchObject([
      {
        // Beside the images that the indexes name.
        dockerImages: expect.arrayContaining(
          pulls.map((uri): unknown =>
            expect.objectContaining({ uri, tags: expect.arrayContaining(['latest']) as unknown }),
          ),
        ) as unknown,
      },
      { repositories: [{ dryRun: true, deleted: [] }] },
      { state: 'SUCCEEDED' },
      200,
    ]);
  });

  it('fires a schedule that starts the refresh: the base that moved is in git, and the image of it alone is new', async () => {
    const sandbox = sandboxAt(checkout.root);
    const isOver = async () => /success|failed/.test(JSON.stringify(await pipelines()));
    await expect.poll(isOver, { interval: 500, timeout: 180_000 }).toBe(true);
    const log = readFileSync(join(sandbox.gitlabFolder, '1/log'), 'utf8');
    expect(await pipelines(), log).toMatchObject([{ id: 1, source: 'trigger', status: 'success' }]);
    expect(log).toMatch(/^debian-12 +[0-9a-f]{32} +[0-9a-f]{32} *$/m);
    for (const step of ['refresh the catalog', 'publish, and put right']) {
      expect(log).toMatch(new RegExp(`^✓ ${step} .* done$`, 'm'));
    }
    // In the checkout, too, as after a pull.
    expect(readFileSync(sandbox.catalogFile, 'utf8')).toContain(`/moving:1@${movedTo}`);
    const before = pulls;
    const { output } = await checkout.script('start');
    pulls = [...output.matchAll(/^docker pull (\S+)$/gm)].map((match) => match[1] ?? '');
    expect(pulls.map((pull) => before.includes(pull))).toEqual([true, false, true]);
    expect(output).toContain('nothing changed');
  });

  it('changes nothing the second time, says so, and makes nothing anew', async () => {
    const before = await declared();
    const { code, output } = await checkout.script('start');
    expect(code, output).toBe(0);
    expect(output).toContain('nothing changed');
    expect(pulls.filter((reference) => !output.includes(reference))).toEqual([]);
    expect(output).toMatch(/^✓ base images +0 made, 0 looked up, 3 as they were/m);
    expect(await declared()).toEqual(before);
  });

  it('starts an emulator that died again, as it was; until then there is no preview', async () => {
    const before = await declared();
    const { emulatorFolder } = sandboxAt(checkout.root);
    process.kill(runningProcess(join(emulatorFolder, 'emulator.json'))?.pid ?? 0, 'SIGKILL');
    expect((await checkout.script('pulumi', 'preview')).output).toContain('run `npm start` first');
    const { code, output } = await checkout.script('start');
    expect(code, output).toBe(0);
    expect(output).toContain('nothing changed');
    expect(await declared()).toEqual(before);
  });

  it('lets anyone preview the sandbox', async () => {
    const { code, output } = await checkout.script('pulumi', 'preview', '--expect-no-changes');
    expect(code, output).toBe(0);
  });
});

describe('npm stop', () => {
  it('ends what npm start started, once', async () => {
    const { output } = await checkout.script('stop');
    expect(output).toContain('The registry has ended');
    expect(output).toContain('The Google API emulator has ended');
    expect(output).toContain('The GitLab emulator has ended');
    expect(output).toContain('The page of all images is no longer served');
    await expect(fetch(page)).rejects.toThrow('fetch failed');
    await expect(declared()).rejects.toThrow('fetch failed');
    expect((await checkout.script('stop')).output).toContain('Nothing to stop');
    await expect(docker('pull', '--quiet', pulls[0] ?? '')).rejects.toThrow();
  });

  it('leaves what was published for the next start, even one of a later version', async () => {
    leaveAsEarlierVersion(sandboxAt(checkout.root));
    const { code, output } = await checkout.script('start');
    expect(code, output).toBe(0);
    expect(output).toContain('nothing changed');
    expect(pulls.filter((reference) => !output.includes(reference))).toEqual([]);
  });
});

describe('npm start, once more', () => {
  it('declares anew what the emulator has lost with its files', async () => {
    await checkout.script('stop');
    rmSync(join(sandboxAt(checkout.root).emulatorFolder, 'state'), { recursive: true });
    const { code, output } = await checkout.script('start');
    expect(code, output).toBe(0);
    expect(output).not.toContain('nothing changed');
    expect((await declared()).map(({ status }) => status)).toEqual([200, 200]);
  });

  it(
    'has a VM disk too once that is asked for, from a server on this machine',
    { timeout: INSTALL_MS + MAKING_MS },
    async () => {
      const { code, output } = await checkout.script('start', '--vm-disk');
      expect(code, output).toBe(0);
      expect(output).toMatch(/^✓ VM disk +http:\/\/127\.0\.0\.1:\d+\/debian-12\.raw\.xz/m);
      expect(output).toMatch(/vm-debian-12 .* [0-9a-f]{32} .* latest .* sha256:.* MB/);
      const again = await checkout.script('start');
      expect(again.output).toContain('nothing changed');
      expect(again.output).toContain('vm-debian-12');
      const misspelt = await checkout.script('start', '--vmdisk');
      expect(misspelt.code).toBe(1);
      expect(misspelt.output).toContain('run `npm start`, `npm start -- --vm-disk` or');
    },
  );
});

/** What the emulator answers about the repository and the job. */
async function declared() {
  const answers = DECLARED.map((path) => callApi(emulator, 'GET', path));
  return (await Promise.all(answers)).map(({ status, body }) => ({ status, body }));
}

/** All that were started, from the address in the last words of the first start. */
async function pipelines(): Promise<unknown> {
  const url = /(http:\S+\/pipelines)\/1$/m.exec(words)?.[1] ?? '';
  return (await fetch(url)).json();
}

/** Writes a record and a setting as the first version of this project did. */
function leaveAsEarlierVersion({ recordFile, stackFile }: Sandbox): void {
  const record = JSON.parse(readFileSync(recordFile, 'utf8')) as Partial<SandboxRecord>;
  const { engine, docker, registry, plugins } = record;
  writeFileSync(
    recordFile,
    JSON.stringify({ engine, docker, registry, dockerPlugin: plugins?.docker }),
  );
  const settings = readFileSync(stackFile, 'utf8');
  const retired = 'config:\n  kubernetes-ci-images:repositoryPrefix: kubernetes-ci-images\n';
  writeFileSync(stackFile, settings.replace('config:\n', retired));
}

/** `debian-12` of `127.0.0.1:5000/kubernetes-ci-sandbox/images/debian-12@sha256:...`. */
function distributionOf(reference: string): string {
  return reference.split('/').at(-1)?.split('@')[0] ?? '';
}
