/**
 * A foreign text, such as the output of git or a server's error, as messages quote it: without `secrets` and
 * without what stands before the `@` of a URL, in one line without control characters, and cut to
 * `longest` characters.
 */
export function redact(text: string, secrets: Iterable<string>, longest = Infinity): string {
  let clean = text;
  for (const secret of secrets) if (secret !== '') clean = clean.replaceAll(secret, '***');
  return clean
    .replaceAll(/:\/\/[^/@\s]*@/g, '://***@')
    .split('\n')
    .map((line) => line.replaceAll(/[\p{Cc}\s]+/gu, ' ').trim())
    .filter((line) => line !== '')
    .join(' | ')
    .slice(0, longest);
}

/** What messages quote of a server's error, in characters. */
export const LONGEST_QUOTE = 300;
