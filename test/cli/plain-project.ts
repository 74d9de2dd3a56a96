import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished, vi } from 'vitest';
import { commitAll, repository } from './checkout-fixture.ts';
import { printedBy } from './printed-by.ts';
import { WHOLE } from './registry-project.ts';
import { git } from '../git/git-repository.ts';
import { temporaryFolder } from '../git/temporary-folder.ts';
import { known } from '../support/fixtures.ts';
import { INDEX, pushManifest, pushPlatformImage } from '../support/pushed-images.ts';
import { startRegistryGate } from '../support/registry-gate.ts';
import { startRegistry } from '../support/registry.ts';
import {
  parseRegistry,
  parseRepository,
  parseTag,
  type Digest,
} from '../../src/image-reference.ts';
import { registryClient } from '../../src/registry/registry-client.ts';
import { INPUTS_LABEL } from '../../src/tag/build-inputs.ts';

export const DAY_MS = 86_400_000;
export const CREATED = 'org.opencontainers.image.created';
export const IMAGE = 'application/vnd.oci.image.manifest.v1+json';

/** A registry of its own with a gate before it, and a checkout that publishes below `owner` there, and needs v1. */
export async function plainProject(retention = WHOLE.replace('dryRun: true', 'dryRun: false')) {
  const folder = temporaryFolder();
  const registry = await startRegistry({ dir: folder });
  onTestFinished(() => registry.stop());
  const gate = await startRegistryGate(registry.address);
  onTestFinished(() => gate.close());
  vi.stubEnv('DOCKER_CONFIG', folder);
  const config = { 'kubernetes-ci-images:destination': `${gate.address}/owner/ci` };
  const root = repository({
    'Pulumi.prod.yaml': JSON.stringify({ config }),
    'config/retention.yml': retention,
    'tests/a.yml': 'image: debian-12:v1\n',
  });
  git(root, ['branch', 'release-1.0']);
  const client = registryClient({
    registry: known(parseRegistry(registry.address)),
    credentials: undefined,
  });
  const path = known(parseRepository('owner/ci/debian-12'));
  const target = { address: registry.address, repository: path, client };

  /** An index with one member, published so many days ago; without a time for none. */
  async function publish(tag: string, days?: number, member?: Digest): Promise<Digest> {
    const platform = { os: 'linux', architecture: 'amd64' };
    const digest = member ?? (await pushPlatformImage(target, 'linux/amd64', tag));
    const size = (await client.headManifest(path, digest))?.size;
    const created = new Date(Date.now() - (days ?? 0) * DAY_MS).toISOString();
    const annotations = {
      [INPUTS_LABEL]: tag,
      ...(days !== undefined && { [CREATED]: created }),
    };
    const manifests = [{ mediaType: IMAGE, digest, size, platform }];
    return pushManifest(target, INDEX, { manifests, annotations }, tag);
  }

  return {
    ...{ root, gate, client, path, target, publish },
    journal: join(root, '.clean-up/journal.jsonl'),
    run: (...args: string[]) => printedBy(root, ...args),
    tags: async () => [...((await client.listTags(path)) ?? [])].sort(),
    has: async (digest: Digest) => (await client.headManifest(path, digest)) !== undefined,
    /** What an index names. */
    members: async (index: Digest) => {
      const { bytes } = known(await client.getManifest(path, index));
      const { manifests } = JSON.parse(Buffer.from(bytes).toString()) as {
        manifests: [{ digest: Digest }];
      };
      return manifests;
    },
    /** The registry says that the image has these tags, whatever it has. */
    lists: (...names: string[]) => {
      const body = JSON.stringify({ name: 'x', tags: names });
      gate.meet((request) =>
        request.includes('/debian-12/tags/list') ? { status: 200, body } : undefined,
      );
    },
    point: async (tag: string, digest: Digest) => {
      const manifest = known(await client.getManifest(path, digest));
      await client.putManifest(path, known(parseTag(tag)), manifest);
    },
    /** The main branch needs this version, and no other. */
    need: (tag: string) => {
      writeFileSync(join(root, 'tests/a.yml'), `image: debian-12:${tag}\n`);
      commitAll(root, tag);
    },
    edit: (file: string, change: (text: string) => string) => {
      writeFileSync(join(root, file), change(readFileSync(join(root, file), 'utf8')));
    },
  };
}

export type PlainProject = Awaited<ReturnType<typeof plainProject>>;
