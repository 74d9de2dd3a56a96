/** "did you mean ...?" when there is something to suggest, and else the general remedy. */
export function didYouMean(suggestion: string | undefined, otherwise: string): string {
  return suggestion === undefined ? otherwise : `did you mean ${suggestion}?`;
}

/** In quotes and short enough for a line, whatever was written. */
export function quote(text: string): string {
  return JSON.stringify(text.length > 100 ? `${text.slice(0, 100)}...` : text);
}
