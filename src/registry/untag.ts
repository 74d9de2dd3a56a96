import type { Repository, Tag } from '../image-reference.ts';
import type { Removal } from './manifest-requests.ts';
import type { RegistryClient } from './registry-client.ts';

/**
 * Removes a tag and leaves the manifest. Where the registry can't (distribution deletes by digest
 * only, with all tags of it), the tag is moved to a copy of the manifest that differs in white space,
 * and the copy deleted with it. `unsupported` where nothing can be deleted: the tag is as it was.
 */
export async function untag(
  client: RegistryClient,
  repository: Repository,
  tag: Tag,
): Promise<Removal> {
  const manifest = await client.getManifest(repository, tag);
  if (manifest === undefined) return 'gone';
  const removal = await client.deleteTag(repository, tag);
  if (removal !== 'unsupported') return removal;
  const { mediaType, bytes } = manifest;
  const copy = await client.putManifest(repository, tag, {
    mediaType,
    bytes: Buffer.concat([bytes, Buffer.from('\n')]),
  });
  if ((await client.deleteManifest(repository, copy)) !== 'unsupported') return 'removed';
  await client.putManifest(repository, tag, manifest);
  return 'unsupported';
}
