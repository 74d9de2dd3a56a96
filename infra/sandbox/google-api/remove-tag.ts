import { parseTag, type Repository as Path } from '../../../src/image-reference.ts';
import type { RegistryClient } from '../../../src/registry/registry-client.ts';
import { ApiError, notFound } from './api-error.ts';

/**
 * Removes a tag and leaves the manifest. Where the registry can't (distribution deletes by digest
 * only, with all tags of it), the tag is moved to a copy of the manifest that differs in white space,
 * and the copy deleted with it.
 */
export async function removeTag(client: RegistryClient, path: Path, name: string): Promise<void> {
  const tag = parseTag(name);
  const manifest = tag && (await client.getManifest(path, tag));
  if (tag === undefined || manifest === undefined) throw notFound(`Tag "${name}" not found`);
  if ((await client.deleteTag(path, tag)) !== 'unsupported') return;
  const { mediaType, bytes } = manifest;
  const copy = await client.putManifest(path, tag, {
    mediaType,
    bytes: Buffer.concat([bytes, Buffer.from('\n')]),
  });
  if ((await client.deleteManifest(path, copy)) !== 'unsupported') return;
  await client.putManifest(path, tag, manifest);
  throw new ApiError('FAILED_PRECONDITION', 'The registry does not allow deletions.');
}
