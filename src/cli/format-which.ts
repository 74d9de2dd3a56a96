import { formatTable } from './format-table.ts';
import type { Digest } from '../image-reference.ts';
import type { Packages } from '../packages/package-list.ts';
import { matchesPath } from '../path-pattern.ts';
import { printable } from '../problem.ts';
import { closest, didYouMean, quote } from '../yaml/wording.ts';

/** A version that somebody uses. */
export interface UsedVersion {
  readonly image: string;
  readonly digest: Digest;
  /** `latest`, and the aliases of the branches that need the version. */
  readonly usedBy: readonly string[];
}

/** The list of such a version for one platform. */
export interface UsedList extends UsedVersion {
  readonly platform: string;
  readonly packages: Packages;
}

/** A line for each list that is not known. */
export function unknownLines(lists: readonly UsedList[]): readonly string[] {
  return lists.flatMap(({ image, usedBy, platform, packages }) => {
    if (packages.kind === 'known') return [];
    const version = `${image} for ${platform} (${usedBy.join(', ')})`;
    return [printable(`the packages of ${version} are unknown: ${packages.reason}`)];
  });
}

/** The packages whose names match, each with the version of an image that has it. */
function findIn(lists: readonly UsedList[], pattern: string) {
  return lists.flatMap(({ packages, ...version }) => {
    if (packages.kind === 'unknown') return [];
    const found = packages.list.packages.filter(({ name }) => matchesPath([pattern], name));
    return found.map((each) => ({ ...version, ...each }));
  });
}

/** An object with the packages that were `found`, and the images whose list is `unknown`. */
export function formatWhichAsJson(pattern: string, lists: readonly UsedList[]): string {
  const found = findIn(lists, pattern);
  const unknown = lists.flatMap(({ packages, ...version }) =>
    packages.kind === 'known' ? [] : [{ ...version, reason: packages.reason }],
  );
  return JSON.stringify({ package: pattern, found, unknown }, null, 2);
}

/** A table with a line for each version of the package that a version of an image has. */
export function formatWhichAsText(pattern: string, lists: readonly UsedList[]): string {
  const found = Map.groupBy(findIn(lists, pattern), ({ image, digest, name, version }) =>
    JSON.stringify([image, digest, name, version]),
  );
  if (found.size === 0) return nowhere(pattern, lists);
  const rows = [...found.values()].flatMap((same) =>
    same.slice(0, 1).map(({ image, usedBy, name, version }) => {
      const platforms = new Set(same.map(({ platform }) => platform));
      return [image, usedBy.join(', '), name, version, [...platforms].join(', ')].map(printable);
    }),
  );
  return formatTable(['IMAGE', 'USED BY', 'PACKAGE', 'VERSION', 'PLATFORM'], rows);
}

function nowhere(pattern: string, lists: readonly UsedList[]): string {
  const known = lists.flatMap(({ packages }) =>
    packages.kind === 'known' ? packages.list.packages : [],
  );
  const names = [...new Set(known.map(({ name }) => name))];
  if (names.length === 0) return 'No package list is known.';
  const near = closest(pattern, names);
  return `No image has ${quote(pattern)}${near === undefined ? '.' : `; ${didYouMean(near, '')}`}`;
}
