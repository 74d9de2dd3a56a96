import type { HeldVersion, Inventory } from './inventory.ts';

/**
 * Deletes versions from the registry, an index before what it refers to, so that whatever interrupts
 * it leaves no index with a hole.
 */
export async function deleteVersions(
  { inventory }: { readonly inventory: Pick<Inventory, 'delete'> },
  versions: readonly HeldVersion[],
): Promise<void> {
  let remaining = versions;
  while (remaining.length > 0) {
    const referenced = referencedVersions(remaining);
    const isReferenced = ({ path, digest }: HeldVersion) => referenced.has(`${path}@${digest}`);
    for (const version of remaining) if (!isReferenced(version)) await inventory.delete(version);
    remaining = remaining.filter(isReferenced);
  }
}

/** What the indexes among `versions` refer to, as `path@digest`: it can't be deleted before them. */
export function referencedVersions(versions: readonly HeldVersion[]): ReadonlySet<string> {
  return new Set(
    versions.flatMap(({ path, children }) => children.map((digest) => `${path}@${digest}`)),
  );
}
