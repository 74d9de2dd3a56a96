/** A name with a build in it, taken apart. */
export interface BuildName {
  readonly text: string;
  /** What builds of the same kind have in common: the name with `*` where the build is. */
  readonly series: string;
  /** What tells builds apart, the most important number first: `20230612-1409` is 20230612, 1409. */
  readonly build: readonly number[];
}

/**
 * Takes the name of a file or a folder apart. `pattern`, a global one, matches nothing but what builds
 * differ in; `undefined` when it does not match `times` times.
 */
export function splitBuild(text: string, pattern: RegExp, times = 1): BuildName | undefined {
  const found = text.match(pattern) ?? [];
  if (found.length !== times) return undefined;
  const build = found.flatMap((part) => part.match(/\d+/g) ?? []).map(Number);
  return { text, series: text.replace(pattern, '*'), build };
}

/**
 * The newest of those that are of the pinned one's series; the pinned one itself when none is newer,
 * whether or not it is among them. Numbers count as numbers: 9.10 is newer than 9.9.
 */
export function newestOf(pinned: BuildName, names: readonly BuildName[]): BuildName {
  return names
    .filter(({ series }) => series === pinned.series)
    .reduce((newest, name) => (compare(name.build, newest.build) > 0 ? name : newest), pinned);
}

function compare(a: readonly number[], b: readonly number[]): number {
  const length = Math.max(a.length, b.length);
  const steps = Array.from({ length }, (_, at) => (a[at] ?? 0) - (b[at] ?? 0));
  return steps.find((step) => step !== 0) ?? 0;
}
