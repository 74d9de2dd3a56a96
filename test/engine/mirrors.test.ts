import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  parseDigest,
  parseRegistry,
  parseRepository,
  parseTag,
  type Digest,
} from '../../src/image-reference.ts';
import { publishOnlyVariables, targetsOf } from '../../src/plan/publish-only.ts';
import { findReferrers } from '../../src/registry/artifacts.ts';
import { parseManifest } from '../../src/registry/manifest.ts';
import { registryClient } from '../../src/registry/registry-client.ts';
import { sharedFolder } from '../git/temporary-folder.ts';
import { newKey } from '../signing/some-keys.ts';
import { plannedTags, previewedSteps, succeeded } from '../support/engine-output.ts';
import { known } from '../support/fixtures.ts';
import { readBranchesOf, startPlainStack, type PlainStack } from '../support/plain-stack.ts';
import { startRegistry, type StartedRegistry } from '../support/registry.ts';
import { startRegistryGate, type RegistryGate } from '../support/registry-gate.ts';
import { up } from '../support/test-checkout.ts';

const KEY = newKey();

/** A registry that gets copies, and what it has. */
interface Mirror {
  readonly gate: RegistryGate;
  readonly path: string;
  digest(image: string, tag: string): Promise<Digest | undefined>;
  close(): Promise<void>;
}

const folder = sharedFolder();
let stack: PlainStack;
let first: Mirror;
let second: Mirror;

async function startMirror(name: string): Promise<Mirror> {
  const registry: StartedRegistry = await startRegistry({ dir: join(folder, name) });
  const gate = await startRegistryGate(registry.address);
  return {
    gate,
    path: `${gate.address}/copies`,
    async digest(image, tag) {
      const { client, repository } = copyIn(name === 'first' ? first : second, image);
      return (await client.headManifest(repository, known(parseTag(tag))))?.digest;
    },
    async close() {
      await gate.close();
      await registry.stop();
    },
  };
}

function copyIn({ gate }: Mirror, image: string) {
  const registry = known(parseRegistry(gate.address));
  const client = registryClient({ registry, credentials: undefined });
  return { client, repository: known(parseRepository(`copies/${image}`)) };
}

const writes = ({ gate }: Mirror) => gate.seen.filter((line) => !/^(?:GET|HEAD) /.test(line));
const pulumi = (...args: string[]) => stack.checkout.pulumi(...args);

beforeAll(async () => {
  first = await startMirror('first');
  second = await startMirror('second');
  stack = await startPlainStack(['alpha', 'beta']);
  const keyFile = join(folder, 'signing.key');
  writeFileSync(keyFile, KEY.pem, { mode: 0o600 });
  stack.configure({
    mirrors: [first.path, second.path],
    signing: keyFile,
    signers: [KEY.signer],
  });
  stack.push('main', { 'tests/a.yml': 'cloud_image: alpha\n' });
  stack.push('release-1.0', { 'tests/a.yml': 'cloud_image: alpha\n' });
  readBranchesOf(stack);
  stack.checkout.write('config/contexts/alpha/content', randomBytes(1_000_000).toString('hex'));
  stack.checkout.commit();
});
afterAll(async () => {
  await stack.close();
  await first.close();
  await second.close();
});

test('a mirror that dies in the middle fails the run by its name, and nothing else', async () => {
  second.gate.shut((request) => request.startsWith('PUT /v2/copies/alpha/blobs/'));
  const { code, output } = await pulumi(...up('--continue-on-error'));
  expect(code).not.toBe(0);
  expect(output).toContain(`the mirror ${second.path}/alpha is not up to date`);
  for (const image of ['alpha', 'beta']) {
    const latest = await stack.digest(image, 'latest');
    expect(latest).toBeDefined();
    expect(await first.digest(image, 'latest')).toBe(latest);
    expect(await first.digest(image, plannedTags(stack.checkout)[image] ?? '')).toBe(latest);
  }
  expect(await first.digest('alpha', 'ci-main')).toBe(await stack.digest('alpha', 'latest'));
  second.gate.open();
  expect(await second.digest('alpha', 'latest')).toBeUndefined();
});

test('the next run goes on, and the one after it asks a mirror nothing', async () => {
  first.gate.forget();
  await succeeded(pulumi(...up()));
  expect(writes(first)).toEqual([]);
  expect(await second.digest('alpha', 'latest')).toBe(await stack.digest('alpha', 'latest'));
  expect(await second.digest('alpha', 'ci-main')).toBe(await stack.digest('alpha', 'latest'));
  first.gate.forget();
  second.gate.forget();
  await succeeded(pulumi(...up('--expect-no-changes')));
  expect([...first.gate.seen, ...second.gate.seen]).toEqual([]);
});

test('a refresh reads a mirror, and writes nothing to it', async () => {
  first.gate.forget();
  await succeeded(pulumi('preview', '--refresh', '--run-program', '--expect-no-changes'));
  expect(writes(first)).toEqual([]);
  // Of each image: its tags, its index, and the index's members.
  expect(first.gate.seen.length).toBeLessThan(24);
});

test('members, attestations and the signature are there, by digest', async () => {
  const digest = known(await stack.digest('alpha', 'latest'));
  for (const mirror of [first, second]) {
    const { client, repository } = copyIn(mirror, 'alpha');
    const index = known(await client.getManifest(repository, digest));
    const { manifests = [] } = parseManifest(index.bytes) ?? {};
    expect(manifests).toHaveLength(2);
    for (const { digest: member = '' } of manifests) {
      const manifest = await client.getManifest(repository, known(parseDigest(member)));
      for (const blob of blobsIn(known(manifest).bytes)) {
        const response = await fetch(
          `http://${mirror.gate.address}/v2/${repository}/blobs/${blob}`,
        );
        expect(response.status).toBe(200);
        await response.body?.cancel();
      }
    }
    const referrers = await findReferrers(client, repository, digest);
    expect(referrers.map(({ artifactType }) => artifactType)).toEqual([
      'application/vnd.dev.sigstore.bundle.v0.3+json',
    ]);
    expect(await client.getManifest(repository, known(referrers[0]).digest)).toBeDefined();
  }
});

test('what vanished from a mirror is copied again after a refresh, and no layer is sent twice', async () => {
  const { client, repository } = copyIn(first, 'beta');
  const digest = known(await stack.digest('beta', 'latest'));
  await client.deleteManifest(repository, digest);
  await succeeded(pulumi(...up('--refresh', '--run-program')));
  expect(await first.digest('beta', 'latest')).toBe(digest);
  expect(await first.digest('beta', plannedTags(stack.checkout)['beta'] ?? '')).toBe(digest);
  expect(writes(first).filter((line) => line.includes('/blobs/uploads/'))).toEqual([]);
});

test('an alias moves on a mirror with its image, and the old version stays', async () => {
  const before = known(await first.digest('beta', 'latest'));
  stack.checkout.write('config/contexts/beta/content', 'newer\n');
  stack.checkout.commit();
  expect(await previewedSteps(stack.checkout)).toContain('update oci:index:Mirror beta-mirrors');
  await succeeded(pulumi(...up()));
  const after = await stack.digest('beta', 'latest');
  expect(after).not.toBe(before);
  expect(await first.digest('beta', 'latest')).toBe(after);
  const { client, repository } = copyIn(first, 'beta');
  expect(await client.headManifest(repository, before)).toBeDefined();
});

test('a run for one image copies that image', async () => {
  stack.checkout.write('config/contexts/alpha/content', 'newer\n');
  stack.checkout.commit();
  const only = publishOnlyVariables('alpha', targetsOf('alpha', { isEmpty: false }));
  await succeeded(stack.checkout.run('pulumi', up(), only));
  expect(await first.digest('alpha', 'latest')).toBe(await stack.digest('alpha', 'latest'));
  expect(await first.digest('alpha', plannedTags(stack.checkout)['alpha'] ?? '')).toBeDefined();
});

test('an immutable tag that names something else on a mirror is an error, and stays', async () => {
  const { client, repository } = copyIn(second, 'beta');
  const tag = known(parseTag(plannedTags(stack.checkout)['beta'] ?? ''));
  const other = known(
    await client.getManifest(copyIn(second, 'beta').repository, known(parseTag('latest'))),
  );
  const bytes = Buffer.concat([other.bytes, Buffer.from('\n')]);
  const foreign = await client.putManifest(repository, tag, { ...other, bytes });
  const { code, output } = await pulumi(...up('--refresh', '--run-program', '--continue-on-error'));
  expect(code).not.toBe(0);
  expect(output).toMatch(/TAG_OVERWRITTEN[\s\S]*delete sha256:/);
  expect(await second.digest('beta', tag)).toBe(foreign);
});

function blobsIn(bytes: Uint8Array): readonly string[] {
  const { config, layers = [] } = parseManifest(bytes) as {
    config?: { digest: string };
    layers?: readonly { digest: string }[];
  };
  return [...(config === undefined ? [] : [config]), ...layers].map(({ digest }) => digest);
}
