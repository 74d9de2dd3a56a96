import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { stateIn } from '../../infra/sandbox/engine-environment.ts';
import { readAttestations } from '../../src/attestations/read-attestations.ts';
import { parseImageReference, type Digest } from '../../src/image-reference.ts';
import type { Manifest } from '../../src/registry/manifest.ts';
import { publishOnlyVariables, targetsOf } from '../../src/plan/publish-only.ts';
import { membersOf } from '../../src/registry/image-index.ts';
import type { RegistryClient } from '../../src/registry/registry-client.ts';
import { sharedFolder } from '../git/temporary-folder.ts';
import { plannedTags, previewedSteps, succeeded } from '../support/engine-output.ts';
import { known } from '../support/fixtures.ts';
import {
  BOTH_PLATFORMS,
  HAND_BUILT,
  startHandBuilt,
  type HandBuilt,
} from '../support/hand-built.ts';
import { readBranchesOf, startPlainStack, type PlainStack } from '../support/plain-stack.ts';
import { REGISTRY_ACCOUNT } from '../support/registry.ts';
import { up } from '../support/test-checkout.ts';

// Images that were built elsewhere: a registry with a password has them, and another one gets them.

const folder = sharedFolder();
let source: HandBuilt;
let stack: PlainStack;
let own: RegistryClient;
/** What the catalog names. */
let pins: { readonly node: string; readonly both: string };

const pulumi = (...args: string[]) => stack.checkout.pulumi(...args);
const pathOf = (name: string) => stack.repository(name);
const digestIn = (reference: string) => known(known(parseImageReference(reference)).digest);
const latest = async (name: string) => known(await stack.digest(name, 'latest'));

beforeAll(async () => {
  source = await startHandBuilt(folder);
  stack = await startPlainStack([], { logins: [source.gate.address] });
  own = stack.client;
  pins = { node: await source.pushNode('one'), both: await source.pushBoth('one') };
  for (const branch of ['main', 'release-1.0']) {
    stack.push(branch, { 'tests/a.yml': 'cloud_image: both\n' });
  }
  readBranchesOf(stack);
  declare(pins);
});

afterAll(async () => {
  await stack.close();
  await source.close();
});

beforeEach(() => {
  source.gate.forget();
  stack.gate.forget();
});

function declare({ node, both }: typeof pins, platforms = BOTH_PLATFORMS): void {
  stack.checkout.write(
    'config/images.yml',
    `images:
  - kind: copy
    distribution: busybox
    version: v13
    name: node
    from: ${node}
    verify: ["ls /bin/busybox"]
  - kind: copy
    distribution: both
    version: '1'
    name: both
    holds: vm-disk
    platforms: [${platforms.join(', ')}]
    from: ${both}
`,
  );
  stack.checkout.commit();
}

/** What a reference names, by platform. */
async function membersAt(client: RegistryClient, path: typeof HAND_BUILT, reference: Digest) {
  return known(membersOf(known(await client.getManifest(path, reference)).bytes));
}

interface Attestation {
  readonly digest: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

function attestationsIn(index: Manifest | undefined): readonly Attestation[] {
  const { manifests } = JSON.parse(Buffer.from(known(index).bytes).toString()) as {
    manifests: Attestation[];
  };
  const of = 'vnd.docker.reference.digest';
  return manifests.flatMap(({ digest, annotations }) =>
    annotations === undefined ? [] : [{ digest, annotations: { [of]: annotations[of] ?? '' } }],
  );
}

test('a preview shows a copy and no build, and refuses a platform that the source has not', async () => {
  const tags = ['both', 'node'].flatMap((name) => [
    `create oci:index:Publication ${name}`,
    `create oci:index:Tag ${name}-latest`,
  ]);
  const steps = await previewedSteps(stack.checkout);
  expect(steps).toEqual(expect.arrayContaining(tags));
  expect(steps.filter((step) => step.includes('docker'))).toEqual([]);
  declare(pins, [...BOTH_PLATFORMS, 'linux/s390x']);
  const { output } = await pulumi('preview', '--color', 'never');
  declare(pins);
  expect(output).toMatch(/PLATFORM_MISSING .* has no image for linux\/s390x/);
});

test('a run publishes an index of ours with the very images of the source, and what is attested of them', async () => {
  await succeeded(pulumi(...up()));
  expect(await membersAt(own, pathOf('node'), await latest('node'))).toEqual({
    'linux/amd64': digestIn(pins.node),
  });
  const of = await membersAt(source.client, HAND_BUILT, digestIn(pins.both));
  expect(await membersAt(own, pathOf('both'), await latest('both'))).toEqual(of);
  for (const [path, digest] of [
    [pathOf('node'), digestIn(pins.node)],
    ...Object.values(of).map((member) => [pathOf('both'), member] as const),
  ] as const) {
    const [ours, theirs] = [
      await own.getManifest(path, digest),
      await source.client.getManifest(HAND_BUILT, digest),
    ];
    expect(known(ours).bytes).toEqual(known(theirs).bytes);
  }
  const theirs = attestationsIn(await source.client.getManifest(HAND_BUILT, digestIn(pins.both)));
  expect(theirs).toHaveLength(1);
  const ours = attestationsIn(await own.getManifest(pathOf('both'), await latest('both')));
  // One of this project for each image, before that of others.
  expect(ours).toHaveLength(3);
  expect(ours[1]).toEqual(theirs[0]);

  expect(await stack.digest('both', plannedTags(stack.checkout)['both'] ?? '')).toBe(
    await latest('both'),
  );
  expect(await stack.digest('both', 'ci-release-1.0')).toBe(await latest('both'));
  expect(await stack.digest('node', 'node')).toBe(await latest('node'));
});

test('the provenance says that it was copied, and from where', async () => {
  const attested = await readAttestations(own, pathOf('both'), await latest('both'));
  const { buildDefinition } = known(attested['linux/arm64']?.provenance);
  expect(buildDefinition.buildType).toBe('https://kubernetes-ci-images.github.io/copy/v1');
  const [uri, digest] = pins.both.split('@sha256:');
  expect(buildDefinition.resolvedDependencies).toContainEqual({
    name: 'image',
    uri: `oci://${uri}`,
    digest: { sha256: digest },
  });
  expect(known(attested['linux/amd64']?.provenance).buildDefinition.buildType).toContain('/copy/');
});

test('the state has no credential, and no resource more than an image that is built', async () => {
  const state = await succeeded(pulumi('stack', 'export', '--show-secrets'));
  for (const secret of Object.values(REGISTRY_ACCOUNT).slice(1))
    expect(state).not.toContain(secret);
  const { deployment } = JSON.parse(state) as { deployment: { resources: { urn: string }[] } };
  const ofNode = deployment.resources.filter(({ urn }) => /PublishedImage.*::node/.test(urn));
  expect(ofNode.map(({ urn }) => urn.split('::').slice(-2).join(' '))).toEqual([
    'kubernetes-ci-images:index:PublishedImage node',
    'kubernetes-ci-images:index:PublishedImage$oci:index:Publication node',
    'kubernetes-ci-images:index:PublishedImage$oci:index:Tag node-latest',
    'kubernetes-ci-images:index:PublishedImage$oci:index:Tag node-source-tag',
  ]);
});

test('the next run does nothing, and a source that is gone matters to nobody, with a state or without', async () => {
  source.gate.shut(() => true);
  await succeeded(pulumi(...up('--expect-no-changes')));
  await succeeded(pulumi('preview', '--refresh', '--run-program', '--expect-no-changes'));
  const state = join(folder, 'state');
  mkdirSync(state);
  for (const args of [['stack', 'init', 'sandbox'], up()]) {
    const env = { PULUMI_BACKEND_URL: stateIn(state) };
    await succeeded(stack.checkout.run('pulumi', args, env));
  }
  source.gate.open();
  expect(source.gate.seen).toEqual([]);
  expect(stack.gate.seen.filter((line) => /^(?:PUT|POST|PATCH|DELETE) /.test(line))).toEqual([]);
});

test('an address that moves with the same digest copies nothing', async () => {
  declare({ ...pins, both: pins.both.replace('/hand-built/', '/mirror/') });
  await succeeded(pulumi(...up('--expect-no-changes')));
  declare(pins);
});

test('a copy that fails leaves its image as it was, without a tag, and others are published', async () => {
  const before = { node: await latest('node'), both: await latest('both') };
  const newer = { node: await source.pushNode('two'), both: await source.pushBoth('two') };
  declare(newer);
  source.gate.shut((line) => /^GET .*\/blobs\//.test(line));
  const cut = await pulumi(...up());
  source.gate.open();
  expect(cut.code).not.toBe(0);
  expect(cut.output).toContain('node is not published');
  for (const name of ['node', 'both'] as const) {
    expect(await latest(name)).toBe(before[name]);
    expect(await stack.digest(name, name)).toBe(before[name]);
    expect(await stack.digest(name, plannedTags(stack.checkout)[name] ?? '')).toBeUndefined();
  }

  declare({ ...newer, both: newer.both.replace(/[0-9a-f]{64}$/, '0'.repeat(64)) });
  const missing = await pulumi(...up());
  expect(missing.code).not.toBe(0);
  expect(missing.output).toMatch(/MANIFEST_MISSING .*0{64} is not there/);
  expect(missing.output).toContain('both is not published');
  expect(missing.output).not.toContain('node is not published');
  expect(await latest('both')).toBe(before.both);
  expect(await membersAt(own, pathOf('node'), await latest('node'))).toEqual({
    'linux/amd64': digestIn(newer.node),
  });

  declare((pins = newer));
  await succeeded(pulumi(...up()));
  expect(await latest('both')).not.toBe(before.both);
  expect(await stack.digest('both', 'ci-main')).toBe(await latest('both'));
  expect(await stack.digest('both', 'ci-release-1.0')).toBe(before.both);
});

test('what vanished from the registry is copied again, the same images', async () => {
  const members = await membersAt(own, pathOf('both'), await latest('both'));
  await own.deleteManifest(pathOf('both'), await latest('both'));
  await own.deleteManifest(pathOf('both'), known(members['linux/arm64']));
  await succeeded(pulumi(...up('--refresh')));
  expect(await membersAt(own, pathOf('both'), await latest('both'))).toEqual(members);
  await succeeded(pulumi(...up('--expect-no-changes')));
});

test('a copy is verified as what it holds', async () => {
  stack.configure({ verify: true });
  const { code, output } = await pulumi(...up());
  expect(code).not.toBe(0);
  expect(output).toMatch(/node.*up after \d+ s/);
  // Its images have no disk.
  expect(output).toMatch(/NO_DISK/);
  stack.configure();
});

test('the images command shows, tries and refreshes copies', async () => {
  const images = async (...args: string[]) => {
    const { output } = await stack.checkout.images(...args, '--stack', 'sandbox');
    return output;
  };
  expect(await images('plan')).toMatch(/node +copy +[0-9a-f]{32} +127\S+\/hand-built\/vm-ci:node/);
  expect(await images('diff', 'node')).toMatch(/^base .*@sha256:.*@sha256:/m);
  expect(await images('packages', 'node')).toContain('neither dpkg nor rpm is in it');
  for (const name of ['node', 'both']) {
    expect(await images('check', name)).not.toMatch(/^failed/m);
  }
  expect(await images('verify', 'node')).toMatch(/node is up after \d+ s/);
  const tried = await images('build', 'node');
  expect(tried).toMatch(/node for linux\/amd64 is copied as it is: .*\n {2}it is up after \d+ s/);

  const newest = await source.pushNode('three');
  await images('refresh');
  const catalog = readFileSync(join(stack.checkout.root, 'config/images.yml'), 'utf8');
  expect(catalog).toContain(`from: ${newest}\n`);
  expect(catalog).toContain(`from: ${pins.both}\n`);
  pins = { ...pins, node: newest };
  stack.checkout.commit();
});

test('one copy is published by itself, with the tag of its source, and what it replaces is forecast', async () => {
  const both = await latest('both');
  const before = await latest('node');
  const env = publishOnlyVariables('node', targetsOf('node', { isEmpty: false }));
  await succeeded(stack.checkout.run('pulumi', up('--refresh', '--run-program'), env));
  expect(await membersAt(own, pathOf('node'), await latest('node'))).toEqual({
    'linux/amd64': digestIn(pins.node),
  });
  expect(await stack.digest('node', 'node')).toBe(await latest('node'));
  expect(await latest('both')).toBe(both);
  const { output } = await stack.checkout.images('retention', '--json', '--stack', 'sandbox');
  expect(output).toContain(before);
});
