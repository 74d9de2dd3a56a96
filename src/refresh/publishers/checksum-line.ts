interface ChecksumLine {
  /** Absent where the line has none: it is about the file that the checksum file is named after. */
  readonly name?: string;
  /** `sha256`, `sha512`, or another one. */
  readonly algorithm: string;
  readonly digits: string;
}

/** `<digits>  file`, `<digits> *file`, and with one blank as openSUSE's Build Service writes it. */
const GNU = /^(?<digits>[0-9a-f]+)\s+\*?(?<name>\S+)$/i;
/** `SHA256 (file) = <digits>` as BSD writes it, and `SHA2-256(file)= <digits>` as OpenSSL does. */
const BSD = /^(?<algorithm>[\w/-]+) ?\(\*?(?<name>[^)]+)\) ?= ?(?<digits>[0-9a-f]+)$/i;
/** `file: <digits>`, with or without the colon. */
const NAME_FIRST = /^(?<name>[^\s:]+):?\s+(?<digits>[0-9a-f]{32,})$/i;
/** Digits alone, or `<digits>  -` for the standard input. */
const BARE = /^(?<digits>[0-9a-f]+)(?:\s+-)?$/i;

/** The algorithm that has a number of digits; some lists have lines of each. */
const BY_LENGTH: ReadonlyMap<number, string> = new Map([
  [32, 'md5'],
  [40, 'sha1'],
  [56, 'sha224'],
  [64, 'sha256'],
  [96, 'sha384'],
  [128, 'sha512'],
]);

/** Parses a line in one of the usual shapes; `undefined` for any other. */
export function parseChecksumLine(line: string): ChecksumLine | undefined {
  const shapes = [BARE, GNU, BSD, NAME_FIRST];
  const groups = shapes.map((shape) => shape.exec(line)?.groups).find(Boolean);
  if (groups === undefined) return undefined;
  const { name, digits = '' } = groups;
  const algorithm = groups['algorithm']?.toLowerCase().replace(/^sha(?:2?-)(?=256$|512$)/, 'sha');
  return {
    ...(name !== undefined && { name: withoutDot(name) }),
    algorithm: algorithm ?? BY_LENGTH.get(digits.length) ?? '',
    digits: digits.toLowerCase(),
  };
}

/** Whether a line has another number of digits than its algorithm. */
export function isCut({ algorithm, digits }: ChecksumLine): boolean {
  if (algorithm === '') return true;
  const isKnown = [...BY_LENGTH.values()].includes(algorithm);
  return isKnown && BY_LENGTH.get(digits.length) !== algorithm;
}

/** The words of a line, without the punctuation around a name. */
export function wordsOf(line: string): readonly string[] {
  return line.split(/[\s()*=]+|:(?=\s)/).map(withoutDot);
}

/** A name without the `./` that `find` puts before it. */
function withoutDot(name: string): string {
  return name.replace(/^\.\//, '');
}
