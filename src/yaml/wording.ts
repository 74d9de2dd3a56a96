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

/** The optimal string alignment distance. */
function editDistance(a: string, b: string): number {
  const table: number[][] = [];
  const at = (i: number, j: number) => table[i]?.[j] ?? Infinity;
  for (let i = 0; i <= a.length; i++) {
    const row: number[] = [];
    table.push(row);
    for (let j = 0; j <= b.length; j++) {
      const changed = at(i - 1, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const isSwap = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swapped = isSwap ? at(i - 2, j - 2) + 1 : Infinity;
      const fewest = Math.min(at(i - 1, j) + 1, at(i, j - 1) + 1, changed, swapped);
      row.push(i === 0 && j === 0 ? 0 : fewest);
    }
  }
  return at(a.length, b.length);
}
