import { parseTag, type Repository as Path } from '../../../../src/image-reference.ts';
import type { RegistryClient } from '../../../../src/registry/registry-client.ts';
import { untag } from '../../../../src/registry/untag.ts';
import { ApiError, notFound } from './api-error.ts';

/** Removes a tag and leaves the manifest, as Artifact Registry does. */
export async function removeTag(client: RegistryClient, path: Path, name: string): Promise<void> {
  const tag = parseTag(name);
  const removal = tag === undefined ? 'gone' : await untag(client, path, tag);
  if (removal === 'removed') return;
  if (removal === 'gone') throw notFound(`Tag "${name}" not found`);
  throw new ApiError('FAILED_PRECONDITION', 'The registry does not allow deletions.');
}
