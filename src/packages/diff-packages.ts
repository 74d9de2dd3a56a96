import { compareVersions } from './compare-versions.ts';
import type { Package, PackageList, Packages } from './package-list.ts';

/** A package that two lists do not have in the same version. `changed`: neither version is the newer one. */
export interface PackageChange {
  readonly kind: 'added' | 'removed' | 'up' | 'down' | 'changed';
  readonly name: string;
  readonly architecture: string;
  /** Whether either image has packages of that name for several architectures. */
  readonly isOfSeveral?: boolean | undefined;
  /** Absent where the package was added. */
  readonly before: string | undefined;
  /** Absent where it was removed. */
  readonly after: string | undefined;
}

/** How the packages of two images differ. That nothing did is known only where both have their lists. */
export type PackageDifferences =
  | { readonly kind: 'known'; readonly changes: readonly PackageChange[] }
  | { readonly kind: 'unknown'; readonly reason: string };

/** The changes by name and architecture. */
export function diffPackages(before: Packages, after: Packages): PackageDifferences {
  if (before.kind === 'known' && after.kind === 'known') {
    return { kind: 'known', changes: changesBetween(before.list, after.list) };
  }
  const reasons = [
    ...(before.kind === 'unknown' ? [`before: ${before.reason}`] : []),
    ...(after.kind === 'unknown' ? [`after: ${after.reason}`] : []),
  ];
  return { kind: 'unknown', reason: reasons.join('; ') };
}

function changesBetween(before: PackageList, after: PackageList): readonly PackageChange[] {
  const keyOf = ({ name, architecture }: Package) => JSON.stringify([name, architecture]);
  const olds = Map.groupBy(before.packages, keyOf);
  const news = Map.groupBy(after.packages, keyOf);
  const keys = [...new Set([...olds.keys(), ...news.keys()])].sort();
  const named = Map.groupBy([...before.packages, ...after.packages], ({ name }) => name);
  return keys.flatMap((key) => {
    const [had, has] = [olds.get(key) ?? [], news.get(key) ?? []];
    const gone = versionsMissingIn(has, had, before.format);
    const come = versionsMissingIn(had, has, after.format);
    const [one] = [...had, ...has];
    if (one === undefined) return [];
    const { name, architecture } = one;
    const isOne = named.get(name)?.every((each) => each.architecture === architecture);
    const isOfSeveral = isOne === false ? true : undefined;
    return Array.from({ length: Math.max(gone.length, come.length) }, (_, at): PackageChange => {
      const [old, now] = [gone[at], come[at]];
      const kind = kindOf(old, now, before.format, after.format);
      return { kind, name, architecture, isOfSeveral, before: old, after: now };
    });
  });
}

/** The newest first: rpm installs several versions of a kernel. */
function versionsMissingIn(
  others: readonly Package[],
  packages: readonly Package[],
  format: PackageList['format'],
): readonly string[] {
  const known = new Set(others.map(({ version }) => version));
  const versions = packages.map(({ version }) => version).filter((version) => !known.has(version));
  return versions.sort((a, b) => compareVersions(format, b, a));
}

function kindOf(
  old: string | undefined,
  now: string | undefined,
  before: PackageList['format'],
  after: PackageList['format'],
): PackageChange['kind'] {
  if (old === undefined) return 'added';
  if (now === undefined) return 'removed';
  // Versions of different formats have no order.
  const order = before === after ? compareVersions(after, old, now) : 0;
  if (order === 0) return 'changed';
  return order < 0 ? 'up' : 'down';
}

/** The name of a package, with its architecture where it is not the only one, such as `libc6:i386`. */
export function shownName({ name, architecture, isOfSeveral }: PackageChange): string {
  return isOfSeveral === true ? `${name}:${architecture}` : name;
}

/** Platforms with the same differences. */
interface AgreeingPlatforms {
  readonly platforms: readonly string[];
  readonly differences: PackageDifferences;
}

/** Puts platforms together whose differences read the same: an architecture may be called by another name on each. */
export function agreeingPlatforms(
  differences: Readonly<Record<string, PackageDifferences>>,
): readonly AgreeingPlatforms[] {
  const keyOf = ([, each]: readonly [string, PackageDifferences]) => {
    if (each.kind === 'unknown') return each.reason;
    return JSON.stringify(
      each.changes.map((change) => [change.kind, shownName(change), change.before, change.after]),
    );
  };
  const groups = Map.groupBy(Object.entries(differences), keyOf);
  return [...groups.values()].flatMap((group) => {
    const platforms = group.map(([platform]) => platform);
    return group.slice(0, 1).map(([, each]) => ({ platforms, differences: each }));
  });
}
