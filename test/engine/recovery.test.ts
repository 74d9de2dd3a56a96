import { copyFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { parseTag } from '../../src/image-reference.ts';
import { ACCOUNT, ALL_SETTINGS, JOB, REPOSITORY, ROLE } from '../support/declared-registry.ts';
import {
  previewedSteps,
  expectPlainFailure,
  plannedTags,
  succeeded,
} from '../support/engine-output.ts';
import { startPublishingFixture, type PublishingFixture } from '../support/publishing-fixture.ts';
import { DOCKERFILE, up, type TestCheckout } from '../support/test-checkout.ts';
import { known } from '../support/fixtures.ts';

const IMPORT_FILE = 'import.json';
const ImportFile = z.looseObject({
  resources: z.array(z.looseObject({ type: z.string(), id: z.string() })),
});
const State = z.object({
  deployment: z.object({
    resources: z.array(z.object({ urn: z.string(), protect: z.boolean().optional() })),
  }),
});
const IDS: Readonly<Record<string, string>> = {
  'gcp:artifactregistry/repository:Repository': REPOSITORY,
  'gcp:serviceaccount/account:Account': ACCOUNT,
  'gcp:projects/iAMCustomRole:IAMCustomRole': ROLE,
  'gcp:cloudscheduler/job:Job': JOB,
};

let fixture: PublishingFixture;
let checkout: TestCheckout;
let tags: Record<string, string>;

beforeAll(async () => {
  fixture = await startPublishingFixture();
  checkout = await fixture.checkout();
  checkout.configure(ALL_SETTINGS);
  checkout.declare(['alpha', 'beta'], fixture.base);
  checkout.commit();
  tags = plannedTags(checkout);
  const { code, output } = await checkout.pulumi(...up());
  if (code !== 0) throw new Error(output);
});

afterAll(() => fixture.close());

const tagOf = (name: string): string => tags[name] ?? '';

describe('an image that vanished from the registry', () => {
  beforeAll(async () => {
    const [index, image] = [tagOf('alpha'), `${tagOf('alpha')}-linux-amd64`];
    for (const tag of [index, image]) {
      const digest = known(await fixture.digest('alpha', tag));
      const removal = fixture.client.deleteManifest(fixture.repository('alpha'), digest);
      expect(await removal).toBe('removed');
      expect(await fixture.digest('alpha', tag)).toBeUndefined();
    }
    await fixture.forgetBuilds();
  });

  it('is seen by preview --refresh, and only that one', async () => {
    const steps = await previewedSteps(checkout, '--refresh');
    expect(steps).toEqual([
      'create oci:index:Publication alpha',
      'create oci:index:Tag alpha-latest',
      'replace docker:index/image:Image alpha',
    ]);
    const gate = await checkout.pulumi('preview', '--refresh', '--expect-no-changes');
    expect(gate.code).toBe(7);
  });

  it('is rebuilt by up --refresh, exactly that one, with latest on it', async () => {
    fixture.gate.forget();
    expect((await checkout.pulumi(...up('--refresh'))).code).toBe(0);
    const digest = await fixture.digest('alpha', tagOf('alpha'));
    expect(digest).toMatch(/^sha256:/);
    expect(await fixture.digest('alpha', 'latest')).toBe(digest);
    expect(fixture.gate.seen.filter((request) => /^P\w+ .*beta/.test(request))).toEqual([]);
  });

  it('leaves no drift behind', async () => {
    await succeeded(checkout.pulumi('preview', '--refresh', '--expect-no-changes'));
  });
});

describe('an alias that somebody moved', () => {
  it('is seen by preview --refresh and put back by up --refresh', async () => {
    const digest = known(await fixture.digest('beta', tagOf('beta')));
    const other = await pushAnotherManifest('beta');
    expect(await fixture.digest('beta', 'latest')).toBe(other);
    expect(await previewedSteps(checkout, '--refresh')).toEqual([
      'update oci:index:Tag beta-latest',
    ]);
    expect((await checkout.pulumi(...up('--refresh'))).code).toBe(0);
    expect(await fixture.digest('beta', 'latest')).toBe(digest);
  });
});

describe('a lost state', () => {
  let other: TestCheckout;

  beforeAll(async () => {
    await fixture.forgetBuilds();
    other = await fixture.checkout({ umask: 0o077 });
    other.configure(ALL_SETTINGS);
    other.declare(['beta', 'alpha'], fixture.base);
    expect(plannedTags(other)).toEqual(tags);
    fixture.gate.forget();
  });

  it('adopts what is published, and names what Google has already', async () => {
    const before = await digests();
    const run = await other.pulumi(...up());
    expectPlainFailure(
      run,
      // The rest of the words are the plug-in's.
      /artifactregistry:Repository \(images\):\s+error: .*409/,
      /serviceaccount:Account \(refresh-starter\):\s+error: .*409/,
      /projects:IAMCustomRole \(refresh-starter\):\s+error: .*409/,
      /cloudscheduler:Job \(refresh\):\s+error: .*409/,
    );
    expect(run.output).not.toContain('not published');
    expect(await digests()).toEqual(before);
    expect(await images(other)).toEqual(await images(checkout));
  });

  it('is in order once that is imported as infra/TROUBLESHOOTING.md says, and nothing was touched', async () => {
    const { body: made } = await fixture.call('GET', `v1/${REPOSITORY}`);
    const listed = await other.pulumi('preview', '--import-file', IMPORT_FILE);
    expect(listed.code, listed.output).toBe(0);
    writeIds(other.root);
    await succeed('import', '--file', IMPORT_FILE, '--generate-code=false', '--yes');
    await succeed(...up());
    await succeed('preview', '--refresh', '--expect-no-changes');
    expect((await fixture.call('GET', `v1/${REPOSITORY}`)).body).toEqual(made);
    expect(await protectedNames()).toEqual(['images', 'images-readers', 'images-writers']);
    expect(fixture.gate.seen.filter((request) => !/^(GET|HEAD) /.test(request))).toEqual([]);
  });

  async function protectedNames(): Promise<readonly string[]> {
    const { stdout } = await other.pulumi('stack', 'export');
    const { resources } = State.parse(JSON.parse(stdout)).deployment;
    const all = resources.filter(({ protect }) => protect === true);
    return all.map(({ urn }) => urn.split('::').at(-1) ?? '').sort();
  }

  function succeed(...args: string[]): Promise<string> {
    return succeeded(other.pulumi(...args));
  }
});

describe('an image that fails to build', () => {
  it('does not stop the others, is named, and fails the run', async () => {
    const latest = await fixture.digest('alpha', 'latest');
    checkout.declare(['alpha', 'beta', 'delta'], fixture.base);
    checkout.write(
      'config/contexts/alpha/Dockerfile',
      DOCKERFILE.replace('COPY', 'RUN false\nCOPY'),
    );
    const { code, output } = await checkout.pulumi(...up());
    const { delta = '' } = plannedTags(checkout);
    expect(code).not.toBe(0);
    expect(output).toContain('alpha is not published');
    expect(output).not.toMatch(/unhandled|processTicksAndRejections/i);
    expect(await fixture.digest('delta', delta)).toMatch(/^sha256:/);
    expect(await fixture.digest('delta', 'latest')).toBe(await fixture.digest('delta', delta));
    // The alias of the one that failed is neither moved nor removed.
    expect(await fixture.digest('alpha', 'latest')).toBe(latest);
  });

  it('is published by the next run once it is mended, and the others are left alone', async () => {
    checkout.declare(['alpha', 'beta', 'delta'], fixture.base);
    checkout.write('config/contexts/alpha/content', 'mended\n');
    fixture.gate.forget();
    expect((await checkout.pulumi(...up())).code).toBe(0);
    const { alpha = '' } = plannedTags(checkout);
    expect(await fixture.digest('alpha', alpha)).toMatch(/^sha256:/);
    expect(await fixture.digest('alpha', 'latest')).toBe(await fixture.digest('alpha', alpha));
    expect(fixture.gate.seen.filter((request) => /^P\w+ .*(beta|delta)/.test(request))).toEqual([]);
  });
});

describe('a registry that goes down in the middle of a push', () => {
  it('fails the run with the image and the registry named, and no alias is moved', async () => {
    const latest = await fixture.digest('beta', 'latest');
    checkout.write('config/contexts/beta/content', 'beta, later\n'.repeat(1000));
    fixture.gate.shut((request) => /^(PATCH|PUT) .*beta.*uploads/.test(request));
    const { code, output } = await checkout.pulumi(...up());
    fixture.gate.open();
    expect(code).not.toBe(0);
    expect(output).toContain('beta');
    expect(output).toContain(fixture.gate.address);
    expect(await fixture.digest('beta', 'latest')).toBe(latest);
  });

  it('is published by the next run, once it is back', async () => {
    expect((await checkout.pulumi(...up())).code).toBe(0);
    const { beta = '' } = plannedTags(checkout);
    expect(await fixture.digest('beta', beta)).toMatch(/^sha256:/);
    expect(await fixture.digest('beta', 'latest')).toBe(await fixture.digest('beta', beta));
  });
});

describe('a state that was cut in half', () => {
  const state = () =>
    join(checkout.root, '.sandbox/state/.pulumi/stacks/kubernetes-ci-images/sandbox.json');

  it('has nothing beside it that a killed engine can leave half written', async () => {
    const attributes = `${state()}.attrs`;
    const beside = readdirSync(dirname(state())).filter((name) => name.endsWith('.attrs'));
    expect(beside).toEqual([]);
    // What the engine says where there is such a file after all, and the way back of infra/TROUBLESHOOTING.md.
    writeFileSync(attributes, '');
    expect((await checkout.pulumi('stack', 'export')).output).toContain(
      'failed to load checkpoint: EOF',
    );
    rmSync(attributes);
    expect((await checkout.pulumi('stack', 'export')).code).toBe(0);
  });

  it('is an error that names it, and nothing is published, moved or deleted', async () => {
    const text = readFileSync(state(), 'utf8');
    writeFileSync(state(), text.slice(0, text.length / 2));
    checkout.write('config/contexts/alpha/content', 'alpha, while the state is damaged\n');
    fixture.gate.forget();
    for (const command of [['preview'], up()]) {
      const { code, output } = await checkout.pulumi(...command, '--color', 'never');
      expect(code).not.toBe(0);
      expect(output).toMatch(/failed to load checkpoint|unexpected end of JSON input/);
    }
    expect(fixture.gate.seen).toEqual([]);
  });

  it('is put right as infra/TROUBLESHOOTING.md says, and the next run goes on', async () => {
    const before = await fixture.digest('beta', 'latest');
    copyFileSync(`${state()}.bak`, state());
    await succeeded(checkout.pulumi(...up('--refresh')));
    const { alpha = '' } = plannedTags(checkout);
    expect(await fixture.digest('alpha', 'latest')).toBe(await fixture.digest('alpha', alpha));
    expect(await fixture.digest('beta', 'latest')).toBe(before);
  });
});

async function images(of: TestCheckout): Promise<unknown> {
  const { stdout } = await of.pulumi('stack', 'output', 'images', '--json');
  return JSON.parse(stdout);
}

/** Completes the list of what is to be imported: each resource by its full name at Google. */
function writeIds(root: string): void {
  const file = join(root, IMPORT_FILE);
  const list = ImportFile.parse(JSON.parse(readFileSync(file, 'utf8')));
  for (const resource of list.resources) resource.id = IDS[resource.type] ?? '';
  writeFileSync(file, JSON.stringify(list));
}

function digests() {
  return Promise.all(
    ['alpha', 'beta'].flatMap((name) => [
      fixture.digest(name, tagOf(name)),
      fixture.digest(name, 'latest'),
    ]),
  );
}

/** Puts the base image's manifest under `latest`: another digest in the same repository. */
async function pushAnotherManifest(name: string) {
  const { client } = fixture;
  const repository = fixture.repository(name);
  const manifest = known(await client.getManifest(repository, known(parseTag(tagOf(name)))));
  // White space is no part of what a manifest says, but it is a part of what its digest is made of.
  const bytes = Buffer.concat([manifest.bytes, Buffer.from('\n')]);
  const { mediaType } = manifest;
  return client.putManifest(repository, known(parseTag('latest')), { mediaType, bytes });
}
