import { LONGEST_NAME, parseRepository, type Repository } from '../image-reference.ts';
import type { Settings } from '../settings/settings.ts';

/** Where a stack's images go. */
export type Destination = Pick<Settings, 'registry' | 'repositoryPrefix'>;

/**
 * The repository that an image of this name is published to, or the length of `registry/repository`
 * where that is more than a registry takes.
 */
export function repositoryOf(
  name: string,
  { registry, repositoryPrefix }: Destination,
): { readonly repository: Repository } | { readonly length: number } {
  const path = `${repositoryPrefix}/${name}`;
  const length = `${registry}/${path}`.length;
  const repository = parseRepository(path);
  return repository === undefined || length > LONGEST_NAME ? { length } : { repository };
}
