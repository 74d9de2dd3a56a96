/**
 * Whether a pattern, by its components, matches a path: `**` stands for any number of folders, also none, and
 * in a name `*` for any text and `?` for one character. Names that start with a dot are like all others.
 */
export function matchesPath(pattern: readonly string[], path: string): boolean {
  return matchesWithGaps(pattern, path.split('/'), '**', (part, name) =>
    /[*?]/.test(part)
      ? matchesWithGaps(
          Array.from(part),
          Array.from(name),
          '*',
          (letter, other) => letter === '?' || letter === other,
        )
      : part === name,
  );
}

/**
 * Whether `items` are the pattern's, one by one, where `gap` stands for any number of them. Only the
 * last gap is ever tried again, so that no pattern takes longer than its length times the items'; a
 * regular expression would take exponentially long.
 */
function matchesWithGaps(
  pattern: readonly string[],
  items: readonly string[],
  gap: string,
  isSame: (part: string, item: string) => boolean,
): boolean {
  let at = 0;
  let last: { readonly at: number; readonly from: number } | undefined;
  for (let item = 0; item < items.length;) {
    const part = pattern[at];
    if (part === gap) last = { at: at++, from: item };
    else if (part !== undefined && isSame(part, items[item] ?? '')) {
      at += 1;
      item += 1;
    } else if (last === undefined) return false;
    else {
      last = { at: last.at, from: last.from + 1 };
      at = last.at + 1;
      item = last.from;
    }
  }
  return pattern.slice(at).every((part) => part === gap);
}
