import type { Digest, Repository, Tag } from '../../src/image-reference.ts';
import type { RegistryClient } from '../../src/registry/registry-client.ts';
import { RegistryError } from '../../src/registry/registry-error.ts';

/**
 * Makes a tag name a digest of the same repository, by writing the very bytes of its manifest under
 * the tag: no layer moves, no Docker daemon is needed, and the digest cannot come out different.
 * Writes nothing when the tag is there already. Throws `MANIFEST_MISSING` or `TAG_NOT_MOVED`.
 */
export async function pointTag(
  client: RegistryClient,
  repository: Repository,
  tag: Tag,
  digest: Digest,
): Promise<void> {
  const before = await client.headManifest(repository, tag);
  if (before?.digest === digest) return;
  const manifest = await client.getManifest(repository, digest);
  if (manifest === undefined) {
    throw new RegistryError(
      'MANIFEST_MISSING',
      `${repository}@${digest} is not in the registry, so ${tag} cannot point at it`,
      'run `pulumi up --refresh`, which builds again what vanished',
    );
  }
  await client.putManifest(repository, tag, manifest);
  const after = await client.headManifest(repository, tag);
  if (after?.digest === digest) return;
  throw new RegistryError(
    'TAG_NOT_MOVED',
    `${repository}:${tag} was written as ${digest} and reads back as ${after?.digest ?? 'nothing'}`,
    'make sure that nothing else moves this tag, and run again',
  );
}
