import { parseRepository, type Repository } from '../image-reference.ts';
import { readOwners } from '../registry/read-owners.ts';
import type { RegistryClient } from '../registry/registry-client.ts';
import type { HeldVersion } from '../retention/resolve-needs.ts';
import type { ListedImage } from './repository-responses.ts';

/**
 * The versions of an Artifact Registry repository below `prefix`, each with those that it belongs to. Throws a
 * RegistryError for an index that can't be read: a forecast would otherwise have its parts deleted.
 */
export async function readInventory(
  images: readonly ListedImage[],
  client: Pick<RegistryClient, 'getManifest'>,
  prefix: Repository,
): Promise<readonly HeldVersion[]> {
  const versions: HeldVersion[] = [];
  for (const [packageName, listed] of Map.groupBy(images, ({ image }) => image)) {
    const repository = parseRepository(`${prefix}/${packageName}`);
    const owned = repository === undefined ? listed : await readOwners(listed, repository, client);
    versions.push(...owned.map((version) => ({ packageName, ...version })));
  }
  return versions;
}
