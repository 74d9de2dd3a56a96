/** One line of a checksum file. */
export interface Sum {
  readonly file: string;
  /** Hexadecimal, in lower case, of whatever length. */
  readonly digits: string;
}

/** `<digits>  file`, `<digits> *file`, and with one blank as openSUSE's Build Service writes it. */
const GNU = /^(?<digits>[0-9a-f]+) [ *]?(?:\.\/)?(?<file>\S+)$/i;
/** `SHA256 (file) = <digits>`. */
const BSD = /^SHA(?:256|512) \((?<file>[^)]+)\) = (?<digits>[0-9a-f]+)$/i;

/** The lines of a checksum file, signed or not, in the ways of coreutils and BSD; all others are none. */
export function readSums(text: string): readonly Sum[] {
  return sumLines(text).flatMap((line) => {
    const { file, digits } = (GNU.exec(line) ?? BSD.exec(line))?.groups ?? {};
    if (file === undefined || digits === undefined) return [];
    return [{ file, digits: digits.toLowerCase() }];
  });
}

/** All words of a checksum file, the names of files among them: also of such as have no checksum there. */
export function sumWords(text: string): readonly string[] {
  return sumLines(text).flatMap(wordsOf);
}

/** The words of one line, without the signs around a name. */
export function wordsOf(line: string): readonly string[] {
  return line.split(/[\s()*]+/);
}

/** The lines of a checksum file that say something: no comments, and nothing of a signature. */
export function sumLines(text: string): readonly string[] {
  // What is behind a signed text (RFC 9580, "Cleartext Signature Framework") is its signature.
  const [signed = ''] = text.split('-----BEGIN PGP SIGNATURE-----');
  const lines = signed.split('\n').map((line) => line.trim());
  return lines.filter((line) => line !== '' && !line.startsWith('#'));
}
