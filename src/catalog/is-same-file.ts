/**
 * Whether two URLs can be taken for those of one file that has moved, to an archive or a mirror: its name
 * is the same, and so are all numbers on the way to it, which are versions and dates. Another host may
 * have more of them.
 */
export function isSameFile(before: string, after: string): boolean {
  const [old, now] = [new URL(before), new URL(after)];
  if (fileName(old) !== fileName(now)) return false;
  const [oldNumbers, newNumbers] = [numbers(old), numbers(now)];
  const isMore = oldNumbers.size < newNumbers.size;
  const areKept = [...oldNumbers].every((number) => newNumbers.has(number));
  return areKept && !(isMore && old.host === now.host);
}

function fileName({ pathname }: URL): string {
  return pathname.slice(pathname.lastIndexOf('/') + 1);
}

function numbers({ pathname }: URL): ReadonlySet<string> {
  return new Set(pathname.match(/\d+/g));
}
