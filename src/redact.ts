/**
 * A foreign text, such as the output of git or a server's error, as messages quote it: without `secrets`, as they are,
 * URL-encoded or in base64, and without what stands before the `@` of a URL, in one line without control
 * characters, and cut to `longest` characters.
 */
export function redact(text: string, secrets: Iterable<string>, longest = Infinity): string {
  const forms = [...new Set(Array.from(secrets, formsOf).flat())];
  let clean = text;
  // The longest first, which may begin with another.
  for (const form of forms.toSorted((a, b) => b.length - a.length)) {
    clean = clean.replaceAll(form, '***');
  }
  return clean
    .replaceAll(/:\/\/[^/\s]*@/g, '://***@')
    .split('\n')
    .map((line) => line.replaceAll(/[\p{Cc}\s]+/gu, ' ').trim())
    .filter((line) => line !== '')
    .join(' | ')
    .slice(0, longest);
}

/** Characters of base64 that stand nowhere by chance. */
const FEWEST_BASE64 = 8;

/** How a secret may be written. */
function formsOf(secret: string): readonly string[] {
  if (secret === '') return [];
  const inUrls = [
    encodeURIComponent(secret),
    new URLSearchParams([['', secret]]).toString().slice(1),
  ];
  const bytes = Buffer.from(secret);
  // In base64, what is before the secret shifts it by no, one or two bytes. The characters at its ends also
  // depend on what is beside it.
  const inBase64 = [0, 1, 2].flatMap((shift) => {
    const shifted = Buffer.concat([Buffer.alloc(shift), bytes]);
    const [first, last] = [Math.ceil((shift * 8) / 6), Math.floor((shifted.length * 8) / 6)];
    return [shifted.toString('base64'), shifted.toString('base64url')].map((encoded) =>
      encoded.slice(first, last),
    );
  });
  return [
    secret,
    ...inUrls.flatMap((form) => [form, form.replaceAll(/%../g, (hex) => hex.toLowerCase())]),
    ...inBase64.filter((form) => form.length >= FEWEST_BASE64),
  ];
}

/** What messages quote of a server's error, in characters. */
export const LONGEST_QUOTE = 300;
