/** "did you mean ...?" where there is a suggestion, and else the general remedy. */
export function didYouMean(suggestion: string | undefined, otherwise: string): string {
  return suggestion === undefined ? otherwise : `did you mean ${suggestion}?`;
}

/** A text in quotes, cut to fit a line. */
export function quote(text: string): string {
  return JSON.stringify(text.length > 100 ? `${text.slice(0, 100)}...` : text);
}

/**
 * The candidate that `text` most likely was meant to be, for "did you mean"; `undefined` when none is
 * near: at most one edit in three letters, where an edit adds, drops or changes a letter or swaps two
 * neighbours.
 */
export function closest(text: string, candidates: readonly string[]): string | undefined {
  const allowed = Math.max(1, Math.floor(text.length / 3));
  let best: string | undefined;
  let fewest = allowed + 1;
  for (const candidate of candidates) {
    // The difference in length is a lower bound, so a long text costs nothing.
    if (Math.abs(candidate.length - text.length) >= fewest) continue;
    const edits = editDistance(text.toLowerCase(), candidate.toLowerCase());
    if (edits < fewest) [best, fewest] = [candidate, edits];
  }
  return best;
}

/** Optimal string alignment distance, by rows. */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const changed = at(last, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swapped =
        i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
          ? at(beforeLast, j - 2) + 1
          : Infinity;
      row.push(Math.min(at(last, j) + 1, at(row, j - 1) + 1, changed, swapped));
    }
    [beforeLast, last] = [last, row];
  }
  return at(last, b.length);
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Infinity;
}
