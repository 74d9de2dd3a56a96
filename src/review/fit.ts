/** Fits a comment on GitHub. A note on GitLab may be longer. */
const MOST_CHARACTERS = 60_000;

/** Characters that the end of a section that is cut may take. */
const END_CHARACTERS = 64;

/**
 * The sections of a note as one text of at most 60,000 characters. Where all of them would be too long, the longest
 * are cut.
 */
export function fit(sections: readonly (readonly string[])[]): string {
  const lengthOf = (lines: readonly string[]) =>
    lines.reduce((sum, { length }) => sum + length + 1, 0);
  let left = MOST_CHARACTERS - sections.length * END_CHARACTERS;
  const limits = new Map<readonly string[], number>();
  for (const [at, section] of sections.toSorted((a, b) => lengthOf(a) - lengthOf(b)).entries()) {
    const limit = Math.min(lengthOf(section), Math.floor(left / (sections.length - at)));
    limits.set(section, limit);
    left -= limit;
  }
  const lines = sections.flatMap((section) => cut(section, limits.get(section) ?? 0));
  return [...lines, ''].join('\n');
}

/** The first lines of a section, up to that many characters; what is folded in them is closed all the same. */
function cut(lines: readonly string[], limit: number): readonly string[] {
  let left = limit;
  const end = lines.findIndex((line) => (left -= line.length + 1) < 0);
  if (end < 0) return lines;
  const kept = lines.slice(0, end);
  const count = (tag: string) => kept.filter((line) => line.startsWith(tag)).length;
  const open = Math.max(count('<details>') - count('</details>'), 0);
  const close = Array.from({ length: open }, () => ['', '</details>']).flat();
  return [...kept, '', 'There is more than fits here.', ...close];
}
