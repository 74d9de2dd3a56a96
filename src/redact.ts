/**
 * What git or a host said, without the secrets that are known and without what stands before the `@` of
 * a URL, in one line without control characters.
 */
export function redact(text: string, secrets: readonly string[]): string {
  const known = secrets.filter((secret) => secret.length > 0);
  const clean = known.reduce((left, secret) => left.replaceAll(secret, '***'), text);
  return clean
    .replaceAll(/:\/\/[^/@\s]*@/g, '://***@')
    .split('\n')
    .map((line) => line.replaceAll(/\p{Cc}+/gu, ' ').trim())
    .filter((line) => line !== '')
    .join(' | ');
}
