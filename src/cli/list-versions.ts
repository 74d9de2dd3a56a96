import pLimit from 'p-limit';
import { listRepository, openRegistry } from './read-registry.ts';
import type { FileTree } from '../file-tree.ts';
import { parseRepository, type Repository } from '../image-reference.ts';
import { imageLabels } from '../registry/image-labels.ts';
import { annotationsOf, type Manifest } from '../registry/manifest.ts';
import type { RegistryClient } from '../registry/registry-client.ts';
import { unlessHidden } from '../registry/registry-error.ts';
import type { HeldVersion } from '../retention/resolve-needs.ts';
import type { Settings } from '../settings/settings.ts';

const AT_ONCE = 8;

const CREATED = 'org.opencontainers.image.created';

/** A version as a registry lists it. */
type ListedVersion = HeldVersion & Pick<Manifest, 'mediaType'>;

/**
 * The versions that the stack's registry has, and a client to read them. A plain registry lists only tags: of the images
 * of these `names`, those with a tag, as published when they were created. Throws a RegistryError.
 */
export async function listVersions(
  tree: FileTree,
  stack: string,
  settings: Settings,
  names: readonly string[],
): Promise<{ readonly client: RegistryClient; readonly versions: readonly ListedVersion[] }> {
  if (settings.destination.kind !== 'plain') {
    const { client, listed } = await listRepository(tree, stack, settings);
    const versions = listed.map(({ image, ...version }) => ({ packageName: image, ...version }));
    return { client, versions };
  }
  const client = await openRegistry(tree, stack, settings);
  const versions: ListedVersion[] = [];
  for (const name of new Set(names)) {
    const repository = parseRepository(`${settings.repositoryPrefix}/${name}`);
    if (repository !== undefined) versions.push(...(await listTagged(client, repository, name)));
  }
  return { client, versions };
}

async function listTagged(
  client: RegistryClient,
  repository: Repository,
  packageName: string,
): Promise<readonly ListedVersion[]> {
  const limit = pLimit(AT_ONCE);
  const tags = await unlessHidden(
    () => client.listTags(repository),
    () => undefined,
  );
  const found = await limit.map(tags ?? [], async (tag) => {
    const manifest = await client.getManifest(repository, tag);
    return manifest === undefined ? [] : [{ tag, manifest }];
  });
  const byDigest = Map.groupBy(found.flat(), ({ manifest }) => manifest.digest);
  return limit.map([...byDigest], async ([digest, all]) => {
    const { mediaType = '', bytes = new Uint8Array() } = all[0]?.manifest ?? {};
    const labels = { ...(await imageLabels(client, repository, digest)), ...annotationsOf(bytes) };
    const created = new Date(labels[CREATED] ?? '');
    // What does not say when is older than all others.
    const uploadedAt = Number.isNaN(created.getTime()) ? new Date(0) : created;
    const ofVersion = { tags: all.map(({ tag }) => tag), sizeBytes: bytes.byteLength, uploadedAt };
    return { packageName, digest, mediaType, ...ofVersion };
  });
}
