import { parseChecksum, type Checksum } from '../../catalog/image.ts';
import { SourceError } from './publisher.ts';

/** The digits of MD5, SHA-1, SHA-256, SHA-384 and SHA-512: one file may have lines of each. */
const LENGTHS = [32, 40, 64, 96, 128];

/** SHA-256 and SHA-512 of an empty file: a script writes these when the real file is not there yet. */
const OF_NOTHING = [
  'sha256:e3b0c44298fc1c149afbf4c8996fb924',
  'sha512:cf83e1357eefb8bdf1542850d66d8007',
];

/**
 * The checksum for `file` in a checksum file, SHA-512 if it has both. Throws a SourceError
 * (CHECKSUM_UNREADABLE) unless there is exactly one, and for any broken line about the file: nobody
 * vouches for such a build. `url` is the place of the checksum file, for messages.
 */
export function checksumOf(text: string, file: string, url: string): Checksum {
  requireSums(text, url);
  const problem = problemOf(text, file);
  const sums = readSums(text).filter((sum) => sum.file === file);
  const [checksum] = [...withAlgorithm('sha512', sums), ...withAlgorithm('sha256', sums)];
  if (problem === undefined && checksum !== undefined) return checksum;
  throw unreadable(url, problem ?? `has no checksum for ${file}`);
}

/** Throws a SourceError (CHECKSUM_UNREADABLE) for a text that is no checksum file. */
export function requireSums(text: string, url: string): void {
  if (text.trim() === '') throw unreadable(url, 'is empty');
  if (text.trimStart().startsWith('<')) throw unreadable(url, 'is a page, and no checksum file');
}

function unreadable(url: string, problem: string): SourceError {
  return new SourceError(
    'CHECKSUM_UNREADABLE',
    `${url} ${problem}`,
    'wait until its publisher corrects that; the pinned build stays until then',
  );
}

function problemOf(text: string, file: string): string | undefined {
  const sums = readSums(text).filter((sum) => sum.file === file);
  const mentions = sumLines(text).filter((line) => wordsOf(line).includes(file));
  if (mentions.length > sums.length) return `has a line for ${file} without a checksum`;
  const wrong = sums.find(({ digits }) => !LENGTHS.includes(digits.length));
  if (wrong !== undefined) return `has ${wrong.digits.length} digits for ${file}`;
  const found = (['sha256', 'sha512'] as const).map((name) => withAlgorithm(name, sums));
  if (found.some((each) => each.length > 1)) return `has two different checksums for ${file}`;
  const isOfNothing = ([checksum]: readonly Checksum[]) =>
    OF_NOTHING.some((start) => checksum?.startsWith(start));
  return found.some(isOfNothing) ? `has the checksum of an empty file for ${file}` : undefined;
}

function withAlgorithm(name: 'sha256' | 'sha512', sums: readonly Sum[]): readonly Checksum[] {
  return [...new Set(sums.flatMap(({ digits }) => parseChecksum(`${name}:${digits}`) ?? []))];
}

/** One line of a checksum file. */
interface Sum {
  readonly file: string;
  /** Hexadecimal, in lower case, of any length. */
  readonly digits: string;
}

/** `<digits>  file`, `<digits> *file`, and with one blank as openSUSE's Build Service writes it. */
const GNU = /^(?<digits>[0-9a-f]+) [ *]?(?:\.\/)?(?<file>\S+)$/i;
/** `SHA256 (file) = <digits>`. */
const BSD = /^SHA(?:256|512) \((?<file>[^)]+)\) = (?<digits>[0-9a-f]+)$/i;

/** The checksums of a file, signed or not, in the formats of coreutils and BSD. Skips other lines. */
function readSums(text: string): readonly Sum[] {
  return sumLines(text).flatMap((line) => {
    const { file, digits } = (GNU.exec(line) ?? BSD.exec(line))?.groups ?? {};
    if (file === undefined || digits === undefined) return [];
    return [{ file, digits: digits.toLowerCase() }];
  });
}

/** All words of a checksum file, which include the names of files with and without a checksum. */
export function sumWords(text: string): readonly string[] {
  return sumLines(text).flatMap(wordsOf);
}

/** The words of a line, without the punctuation around a name. */
function wordsOf(line: string): readonly string[] {
  return line.split(/[\s()*]+/);
}

/** The lines of a checksum file without comments, empty lines and the signature. */
export function sumLines(text: string): readonly string[] {
  // The signature follows the text (RFC 9580, "Cleartext Signature Framework").
  const [signed = ''] = text.split('-----BEGIN PGP SIGNATURE-----');
  const lines = signed.split('\n').map((line) => line.trim());
  return lines.filter((line) => line !== '' && !line.startsWith('#'));
}
