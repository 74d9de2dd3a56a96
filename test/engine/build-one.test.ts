import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  startLoopbackServer,
  type LoopbackServer,
} from '../../infra/sandbox/emulators/loopback-server.ts';
import { provideQemu } from '../../infra/toolchain/programs.ts';
import type { BuildResult } from '../../src/build/build-results.ts';
import { INPUTS_LABEL } from '../../src/tag/build-inputs.ts';
import { sharedFolder } from '../git/temporary-folder.ts';
import { docker } from '../support/docker-cli.ts';
import { plannedTags, succeeded } from '../support/engine-output.ts';
import { known } from '../support/fixtures.ts';
import { startRun } from '../support/processes.ts';
import { startPublishingFixture, type PublishingFixture } from '../support/publishing-fixture.ts';
import { DOCKERFILE, up, type TestCheckout } from '../support/test-checkout.ts';

/** A disk that nothing can boot from. */
const BLANK = Buffer.alloc(1024 * 1024);

let fixture: PublishingFixture;
let upstream: LoopbackServer;
let checkout: TestCheckout;
const folder = sharedFolder();
const inherited = process.env['XDG_CACHE_HOME'];

/** Image → what its recipe has beside what all have. */
const RECIPES = {
  tool: '',
  broken: 'RUN echo about to fail && exit 9\n',
  slow: 'RUN echo asleep && sleep 600\n',
  large: 'RUN dd if=/dev/zero of=/large bs=1M count=64\n',
  down: '',
};

beforeAll(async () => {
  process.env['XDG_CACHE_HOME'] = join(folder, 'cache');
  mkdirSync(join(folder, 'cache'));
  fixture = await startPublishingFixture();
  checkout = await fixture.checkout();
  await provideQemu(note);
  upstream = await startLoopbackServer(0, (_, response) => response.end(BLANK));
  declare(Object.keys(RECIPES));
  for (const [name, more] of Object.entries(RECIPES)) {
    const recipe = `${DOCKERFILE}COPY dpkg-query /bin/\n${more}CMD ["sleep", "600"]\n`;
    checkout.write(`config/contexts/${name}/Dockerfile`, recipe);
    checkout.write(`config/contexts/${name}/content`, `${name}\n`);
    writePackages(name, ['bash 5.2-1', 'openssl 3.0.17-1']);
  }
  checkout.commit();
});

afterAll(async () => {
  if (inherited === undefined) delete process.env['XDG_CACHE_HOME'];
  else process.env['XDG_CACHE_HOME'] = inherited;
  await upstream.close();
  await fixture.close();
});

beforeEach(() => {
  fixture.gate.forget();
});

function declare(names: readonly string[]): void {
  const entries = names.map((name) =>
    [
      `  - name: ${name}`,
      '    distribution: busybox',
      '    version: "1"',
      `    base: ${fixture.base}`,
      `    context: config/contexts/${name}`,
      `    verify: ["test -e ${name === 'down' ? '/nowhere' : '/content'}"]`,
    ].join('\n'),
  );
  const disk = (version: string, checksum: string) =>
    [
      `  - { kind: vm-disk, distribution: blank, version: "${version}", format: raw`,
      `, url: 'http://${upstream.address}/blank-${version}.img', checksum: sha256:${checksum} }`,
    ].join('');
  const sum = createHash('sha256').update(BLANK).digest('hex');
  const disks = names.length > 1 ? [disk('1', sum), disk('2', 'b'.repeat(64))] : [];
  const catalog = ['images:', ...entries, ...disks, ''];
  checkout.write('config/images.yml', catalog.join('\n'));
}

function note(line: string): void {
  console.error(`engine tests: ${line}`);
}

/** A package manager that knows of these. */
function writePackages(name: string, packages: readonly string[]): void {
  const lines = packages.map((line) => {
    const [of = '', version = ''] = line.split(' ');
    return `${of}\t${version}\tamd64\tinstall ok installed`;
  });
  const script = `#!/bin/sh\ncat <<'end'\n${lines.join('\n')}\nend\n`;
  checkout.write(`config/contexts/${name}/dpkg-query`, script, 0o755);
}

function build(...args: readonly string[]) {
  return checkout.images('build', ...args, '--stack', 'sandbox');
}

/** What a build could leave: images and containers of them, which have its tag as a label, and folders. */
async function leftovers(): Promise<readonly string[]> {
  const ids = Object.values(plannedTags(checkout)).flatMap((tag) => {
    const label = ['--filter', `label=${INPUTS_LABEL}=${tag}`];
    return [
      docker('image', 'ls', '--quiet', ...label, 'localhost/kubernetes-ci-images-build'),
      docker('ps', '--all', '--quiet', ...label),
    ];
  });
  const left = (await Promise.all(ids)).flatMap((printed) => printed.split('\n'));
  const folders = readdirSync(join(folder, 'cache/kubernetes-ci-images/builds'));
  return [...left, ...folders].filter(Boolean);
}

/** The requests that change a registry. */
function writes(): readonly string[] {
  return fixture.gate.seen.filter((request) => !/^(?:GET|HEAD) /.test(request));
}

describe('images build', () => {
  it('builds and starts an image, lists its packages, pushes nothing and leaves nothing', async () => {
    const { code, output } = await build('tool');
    expect(code, output).toBe(0);
    expect(output).toMatch(/^tool for linux\/amd64 builds: .* after \d+ s$/m);
    expect(output).toMatch(/^ {2}it is up after \d+ s: its command succeeds$/m);
    expect(output).toMatch(/^ {2}2 packages; .*nothing is published under latest/m);
    expect(writes()).toEqual([]);
    expect(await leftovers()).toEqual([]);
  });

  it('builds what docker.Image builds, and keeps it on demand', async () => {
    const tag = plannedTags(checkout)['tool'] ?? '';
    declare(['tool']);
    checkout.commit();
    await succeeded(checkout.pulumi(...up()));
    declare(Object.keys(RECIPES));
    checkout.commit();
    const { code, output } = await build('tool', '--keep', '--json');
    expect(code, output).toBe(0);
    const kept = `localhost/tool:${tag}-linux-amd64`;
    const published = `${fixture.gate.address}/${fixture.repository('tool')}:${tag}-linux-amd64`;
    const [own, pushed] = await Promise.all([inspect(kept), inspect(published)]);
    await docker('image', 'rm', kept);
    expect(own.RootFS).toEqual(pushed.RootFS);
    expect(own.Config.Labels[INPUTS_LABEL]).toBe(tag);
    expect({ ...own.Config, Labels: withoutOrigin(own) }).toEqual({
      ...pushed.Config,
      Labels: withoutOrigin(pushed),
    });
    expect(await leftovers()).toEqual([]);
  });

  it('shows how the packages differ from those that latest names', async () => {
    writePackages('tool', ['bash 5.2-1', 'openssl 3.0.18-1', 'zsh 1']);
    const { code, stdout } = await build('tool', '--json');
    expect(code).toBe(0);
    const [result] = JSON.parse(stdout) as BuildResult[];
    expect(result).toMatchObject({
      kind: 'built',
      packages: { kind: 'known', count: 3 },
      differences: {
        kind: 'known',
        changes: [
          { kind: 'up', name: 'openssl', before: '3.0.17-1', after: '3.0.18-1' },
          { kind: 'added', name: 'zsh', after: '1' },
        ],
      },
    });
    expect(writes()).toEqual([]);
  });

  it('builds without the registry of the stack, and says that the differences are unknown', async () => {
    fixture.gate.meet((request) =>
      request.includes('/tool/') ? { status: 401, body: '{}' } : undefined,
    );
    const { code, output } = await build('tool');
    fixture.gate.meet(() => undefined);
    expect(code, output).toBe(0);
    expect(output).toMatch(/3 packages; the differences .* are unknown: .*REGISTRY_UNAUTHORIZED/);
  });

  it.each([
    ['broken', [], /^broken .*does not build: BUILD_FAILED .*exit code: 9/m, /\| .*about to fail/],
    ['slow', ['--timeout', '8'], /BUILD_TIMEOUT {2}it is not built after 8 seconds/, /\| .*asleep/],
    [
      'large',
      ['--space', '0.02'],
      /BUILD_TOO_LARGE {2}its build takes more than 20.0 MB/,
      /--space/,
    ],
    ['down', ['--start-timeout', '3'], /does not come up: COMMAND_FAILED/, /nowhere/],
  ])('fails where %s does, says why, and leaves nothing', async (name, args, reason, shown) => {
    const { code, output } = await build(name, ...args);
    expect(code).toBe(1);
    expect(output).toMatch(reason);
    expect(output).toMatch(shown);
    expect(writes()).toEqual([]);
    expect(await leftovers()).toEqual([]);
  });

  it('downloads, checks, builds and boots a VM disk', async () => {
    const blank = await build('vm-blank-1', '--json');
    expect(blank.code).toBe(1);
    const [result] = JSON.parse(blank.stdout) as BuildResult[];
    expect(result).toMatchObject({
      kind: 'built',
      start: {
        kind: 'down',
        reason: expect.stringMatching(/^BOOT_FAILED {2}the firmware/) as string,
      },
      packages: { kind: 'unknown' },
    });
    const wrong = await build('vm-blank-2');
    expect(wrong.code).toBe(1);
    expect(wrong.output).toMatch(/^vm-blank-2 .* does not build: CHECKSUM_MISMATCH /m);
    expect(writes()).toEqual([]);
    expect(await leftovers()).toEqual([]);
  });

  it('leaves nothing when it is interrupted', async () => {
    const args = ['src/cli/images.ts', 'build', 'slow', '--stack', 'sandbox'];
    const lines: string[] = [];
    const { child, done } = startRun(process.execPath, args, checkout.root, process.env);
    child.stderr?.on('data', (text: Buffer) => lines.push(text.toString()));
    await expect.poll(() => lines.join(''), { timeout: 60_000 }).toMatch(/\] RUN echo asleep/);
    child.kill('SIGINT');
    const { code, output } = await done;
    expect(code).toBe(1);
    expect(output).toContain('interrupted by SIGINT');
    await pause(1000);
    expect(await leftovers()).toEqual([]);
  });

  it('suggests the image or names the platforms that are meant', async () => {
    const misspelled = await build('tol');
    expect(misspelled.code).toBe(1);
    expect(misspelled.output).toMatch(/UNKNOWN_IMAGE[^]*did you mean tool\?/);
    const foreign = await build('tool', '--platform', 'linux/s390x');
    expect(foreign.code).toBe(1);
    expect(foreign.output).toMatch(/UNKNOWN_PLATFORM[^]*choose one of linux\/amd64/);
    expect(readFileSync(join(checkout.root, 'config/images.yml'), 'utf8')).toContain('tool');
  });
});

interface Inspected {
  readonly RootFS: unknown;
  readonly Config: { readonly Labels: Readonly<Record<string, string>> };
}

async function inspect(image: string): Promise<Inspected> {
  const [found] = JSON.parse(await docker('image', 'inspect', image)) as Inspected[];
  return known(found);
}

/** Time and commit are those of each build. */
function withoutOrigin({ Config }: Inspected) {
  const origin = ['created', 'revision'].map((label) => [`org.opencontainers.image.${label}`, '']);
  return { ...Config.Labels, ...(Object.fromEntries(origin) as Record<string, string>) };
}
