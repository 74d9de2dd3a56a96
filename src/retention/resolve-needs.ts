import type { InventoryVersion } from './evaluate-policies.ts';
import { candidateTags } from '../branches/needs.ts';
import type { Need, References } from '../branches/references.ts';
import { isImmutable, type Digest } from '../image-reference.ts';

/** A version that the registry holds. Its package is the image's name. */
export interface HeldVersion extends InventoryVersion {
  readonly digest: Digest;
  /** Compressed, with all its layers, also those that it shares with other versions; of an index, its own. */
  readonly sizeBytes: number;
  /** What an index names, with the platforms of the images among it. */
  readonly members?: readonly { readonly digest: Digest; readonly platform: string | undefined }[];
  /** Configuration and layers, where they are known: versions may share them. */
  readonly blobs?: readonly Blob[];
  /** Whether nothing says when it was published. It then counts as the oldest, and is never deleted. */
  readonly isTimeUnknown?: boolean;
}

interface Blob {
  readonly digest: string;
  readonly size: number;
}

/** The needs with the versions that meet them; `undefined` for a version that the registry lacks. */
export type ResolvedNeeds = ReadonlyMap<Need, HeldVersion | undefined>;

/** Finds the versions that the supported branches need. The next `up` pins branches to the same ones. */
export function resolveNeeds(
  { needs }: References,
  versions: readonly HeldVersion[],
): ResolvedNeeds {
  const byName = new Map(
    versions.flatMap((version) =>
      [...version.tags, version.digest].map(
        (name) => [`${version.packageName} ${name}`, version] as const,
      ),
    ),
  );
  const resolved = needs.map((need) => {
    const names = candidateTags(need.branch.alias, need.tag ?? need.digest);
    const [version] = names.flatMap((name) => byName.get(`${need.image} ${name}`) ?? []);
    return [need, version] as const;
  });
  return new Map(resolved);
}

/**
 * The index that a version belongs to, where it is the image for one platform: a branch may name that. Else itself. The
 * members of the indexes tell: `listVersions` lists no `indexes`.
 */
export function wholeOf(version: HeldVersion, versions: readonly HeldVersion[]): HeldVersion {
  if (version.tags.some(isImmutable)) return version;
  const isIndex = ({ packageName, members = [] }: HeldVersion) =>
    packageName === version.packageName && members.some(({ digest }) => digest === version.digest);
  return versions.find(isIndex) ?? version;
}
