import { join } from 'node:path';
import pLimit from 'p-limit';
import { inject } from 'vitest';
import {
  formatImageReference,
  parseImageReference,
  parseRegistry,
  parseRepository,
  parseTag,
  type Digest,
} from '../../src/image-reference.ts';
import { copyImage } from '../../src/registry/copy-image.ts';
import { registryClient, type RegistryClient } from '../../src/registry/registry-client.ts';
import { known } from './fixtures.ts';
import { pushBusyboxBase } from './pushed-bases.ts';
import { IMAGE, INDEX, pushManifest, pushPlatformIndex } from './pushed-images.ts';
import { REGISTRY_ACCOUNT, startRegistry } from './registry.ts';
import { startRegistryGate, type RegistryGate } from './registry-gate.ts';

/** The tags of a registry with a password that has images which somebody has built by hand. */
export interface HandBuilt {
  readonly gate: RegistryGate;
  readonly client: RegistryClient;
  /**
   * Pushes a container for one platform, as Docker does: its manifest is in Docker's own format. Returns the reference,
   * under the tag `node`.
   */
  pushNode(edition: string): Promise<string>;
  /**
   * Pushes an index, `both`, of images for these platforms. The first has an attestation as BuildKit makes one.
   */
  pushBoth(content: string): Promise<string>;
  close(): Promise<void>;
}

export const BOTH_PLATFORMS = ['linux/amd64', 'linux/arm64'];

export const HAND_BUILT = known(parseRepository('hand-built/vm-ci'));

/** Also starts a registry without a password, for what Docker pushes. */
export async function startHandBuilt(folder: string): Promise<HandBuilt> {
  const registry = await startRegistry({ dir: join(folder, 'hand-built'), auth: true });
  const open = await startRegistry({ dir: join(folder, 'open') });
  const gate = await startRegistryGate(registry.address);
  const host = known(parseRegistry(gate.address));
  const client = registryClient({ registry: host, credentials: REGISTRY_ACCOUNT });
  const { username, password } = REGISTRY_ACCOUNT;
  const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
  const target = { address: gate.address, repository: HAND_BUILT, client, authorization };
  const named = (tag: string, digest: Digest) =>
    formatImageReference({
      registry: host,
      repository: HAND_BUILT,
      tag: known(parseTag(tag)),
      digest,
    });

  async function attest(image: string, content: string) {
    const statement = Buffer.from(JSON.stringify({ predicateType: 'made-by-hand', content }));
    const [config, layer] = [
      await client.putBlob(HAND_BUILT, Buffer.from('{}')),
      await client.putBlob(HAND_BUILT, statement),
    ];
    const digest = await pushManifest(target, IMAGE, {
      config: { mediaType: 'application/vnd.oci.empty.v1+json', digest: config, size: 2 },
      layers: [
        { mediaType: 'application/vnd.in-toto+json', digest: layer, size: statement.byteLength },
      ],
    });
    const platform = { os: 'unknown', architecture: 'unknown' };
    const annotations = { 'vnd.docker.reference.digest': image };
    return { ...known(await client.headManifest(HAND_BUILT, digest)), platform, annotations };
  }

  return {
    gate,
    client,
    async pushNode(edition) {
      const { busybox } = inject('prerequisites');
      const pushed = await pushBusyboxBase(open.address, busybox, edition, 'sleep 600');
      const { repository, digest: found, ...from } = known(parseImageReference(pushed));
      const digest = known(found);
      const source = registryClient({ registry: from.registry, credentials: undefined });
      const place = { client: source, registry: from.registry, repository };
      const to = { client, registry: host, repository: HAND_BUILT };
      await copyImage(place, to, digest, pLimit(2));
      const manifest = known(await client.getManifest(HAND_BUILT, digest));
      await client.putManifest(HAND_BUILT, known(parseTag('node')), manifest);
      return named('node', digest);
    },
    async pushBoth(content) {
      const plain = await pushPlatformIndex(target, BOTH_PLATFORMS, content, 'plain');
      const { bytes } = known(await client.getManifest(HAND_BUILT, plain));
      const { manifests } = JSON.parse(Buffer.from(bytes).toString()) as {
        manifests: { digest: string }[];
      };
      const attestation = await attest(manifests[0]?.digest ?? '', content);
      const index = { manifests: [...manifests, attestation] };
      return named('both', await pushManifest(target, INDEX, index, 'both'));
    },
    async close() {
      await gate.close();
      await registry.stop();
      await open.stop();
    },
  };
}
