/** Numbers and single dots, with a `v` before them or not. */
const VERSION = /^v?(\d+(?:\.\d+)*)$/;

/**
 * The branches that a glob with one star matches, by the numbers where the star is, newest first: 2.31
 * is above 2.9, and 2.31.1 above 2.31. A branch with anything but numbers there, such as
 * `release-next`, is no release.
 */
export function releasesOf(branches: Iterable<string>, glob: string): readonly string[] {
  const [before = '', after = ''] = glob.split('*');
  return [...branches]
    .flatMap((branch) => {
      if (!branch.startsWith(before) || !branch.endsWith(after)) return [];
      const version = branch.slice(before.length, branch.length - after.length);
      const [, numbers] = VERSION.exec(version) ?? [];
      return numbers === undefined ? [] : [{ branch, numbers: numbers.split('.').map(Number) }];
    })
    .sort((a, b) => compareNumbers(b.numbers, a.numbers) || (a.branch < b.branch ? -1 : 1))
    .map(({ branch }) => branch);
}

function compareNumbers(a: readonly number[], b: readonly number[]): number {
  for (let at = 0; at < Math.max(a.length, b.length); at++) {
    const difference = (a[at] ?? -1) - (b[at] ?? -1);
    if (difference !== 0) return difference;
  }
  return 0;
}
