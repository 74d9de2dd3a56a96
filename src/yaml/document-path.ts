/** Where something stands in a YAML document: keys and, in lists, 0-based positions. */
export type DocumentPath = readonly (string | number)[];

const PLAIN_KEY = /^[A-Za-z_][A-Za-z0-9_-]*$/;

/** `images[2].args.KEY`; keys that would read as something else are quoted: `args["a.b"]`. */
export function formatDocumentPath(path: DocumentPath): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number' || !PLAIN_KEY.test(part)) {
      return `${text}[${JSON.stringify(part)}]`;
    }
    return text === '' ? part : `${text}.${part}`;
  }, '');
}
