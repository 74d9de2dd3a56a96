import { parseChecksum, type Checksum } from '../../catalog/image.ts';
import { SourceError } from './publisher.ts';

/** How many digits MD5, SHA-1, SHA-256, SHA-384 and SHA-512 have: lines of any may be in one file. */
const LENGTHS = [32, 40, 64, 96, 128];

/** SHA-256 and SHA-512 of nothing: what a script writes when the file was not there yet. */
const OF_NOTHING = [
  'sha256:e3b0c44298fc1c149afbf4c8996fb924',
  'sha512:cf83e1357eefb8bdf1542850d66d8007',
];

/**
 * The checksum that a checksum file has for `file`, SHA-512 where it has both. Throws a SourceError
 * (CHECKSUM_UNREADABLE) unless there is exactly one, and nothing else is said of the file: a publisher's
 * empty or broken line is no reason to download what nobody vouches for.
 *
 * @param url where the checksum file is, for messages
 */
export function checksumOf(text: string, file: string, url: string): Checksum {
  requireSums(text, url);
  const problem = problemOf(text, file);
  const sums = readSums(text).filter((sum) => sum.file === file);
  const [checksum] = [...withAlgorithm('sha512', sums), ...withAlgorithm('sha256', sums)];
  if (problem === undefined && checksum !== undefined) return checksum;
  throw unreadable(url, problem ?? `has no checksum for ${file}`);
}

/** Throws a SourceError (CHECKSUM_UNREADABLE) for a text that is no checksum file at all. */
export function requireSums(text: string, url: string): void {
  if (text.trim() === '') throw unreadable(url, 'is empty');
  if (text.trimStart().startsWith('<')) throw unreadable(url, 'is a page, and no checksum file');
}

function unreadable(url: string, problem: string): SourceError {
  return new SourceError(
    'CHECKSUM_UNREADABLE',
    `${url} ${problem}`,
    'wait until its publisher has mended that; the pinned build stays until then',
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
  /** Hexadecimal, in lower case, of whatever length. */
  readonly digits: string;
}

/** `<digits>  file`, `<digits> *file`, and with one blank as openSUSE's Build Service writes it. */
const GNU = /^(?<digits>[0-9a-f]+) [ *]?(?:\.\/)?(?<file>\S+)$/i;
/** `SHA256 (file) = <digits>`. */
const BSD = /^SHA(?:256|512) \((?<file>[^)]+)\) = (?<digits>[0-9a-f]+)$/i;

/** The lines of a checksum file, signed or not, in the ways of coreutils and BSD; all others are none. */
function readSums(text: string): readonly Sum[] {
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
function wordsOf(line: string): readonly string[] {
  return line.split(/[\s()*]+/);
}

/** The lines of a checksum file that say something: no comments, and nothing of a signature. */
export function sumLines(text: string): readonly string[] {
  // What is behind a signed text (RFC 9580, "Cleartext Signature Framework") is its signature.
  const [signed = ''] = text.split('-----BEGIN PGP SIGNATURE-----');
  const lines = signed.split('\n').map((line) => line.trim());
  return lines.filter((line) => line !== '' && !line.startsWith('#'));
}
