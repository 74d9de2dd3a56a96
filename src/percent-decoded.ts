/** A part of an address as it reads without its percent encoding; `undefined` where that is broken. */
export function percentDecoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
