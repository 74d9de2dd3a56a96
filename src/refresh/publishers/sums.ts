import { checksumAlgorithm, parseChecksum, type Checksum } from '../../catalog/image.ts';
import {
  type FetchText,
  gone,
  type PinnedDisk,
  type PublishedDisk,
  PublisherError,
} from './publisher.ts';

/** A checksum file. */
export interface Sums {
  /** Without comments, empty lines and the signature. */
  readonly lines: readonly string[];
  /** The URL of the file, for messages. */
  readonly place: string;
}

/** Gets the checksum file at a URL. Rejects with a PublisherError. */
export async function sumsAt(url: string, fetchText: FetchText): Promise<Sums> {
  const text = await fetchText(url);
  if (text === undefined) throw gone(url);
  return parseSums(text, url);
}

/** Throws a PublisherError (CHECKSUM_UNREADABLE) for a text that is no checksum file. */
export function parseSums(text: string, place: string): Sums {
  if (text.trim() === '') throw unreadable(place, 'is empty');
  if (text.trimStart().startsWith('<')) throw unreadable(place, 'is a page, and no checksum file');
  // The signature follows the text (RFC 9580, "Cleartext Signature Framework").
  const [signed = ''] = text.split('-----BEGIN PGP SIGNATURE-----');
  const lines = signed.split('\n').map((line) => line.trim());
  return { lines: lines.filter((line) => line !== '' && !line.startsWith('#')), place };
}

/** All words of a checksum file, which include the names of files with and without a checksum. */
export function sumWords({ lines }: Sums): readonly string[] {
  return lines.flatMap(wordsOf);
}

/** The words of a line, without the punctuation around a name. */
function wordsOf(line: string): readonly string[] {
  return line.split(/[\s()*]+/);
}

/**
 * The build at `url` with its checksum from a checksum file. Throws a PublisherError for a file without
 * that checksum, and for one that contradicts the pin of the same build: a person must find out whether
 * the build was replaced or the pin was wrong.
 */
export function published(url: string, sums: Sums, pinned: PinnedDisk): PublishedDisk {
  const checksum = checksumOf(sums, url.slice(url.lastIndexOf('/') + 1));
  if (url !== pinned.url) return { url, checksum };
  const isSameAlgorithm = checksumAlgorithm(checksum) === checksumAlgorithm(pinned.checksum);
  if (isSameAlgorithm && checksum !== pinned.checksum) {
    throw new PublisherError(
      'CHECKSUM_DIFFERS',
      `${sums.place} has ${checksum} for the very file that is pinned to ${pinned.checksum}`,
      'find out whether the file was replaced or the checksum copied from another one, and correct it',
    );
  }
  return { url, checksum: pinned.checksum };
}

/** The digits of MD5, SHA-1, SHA-256, SHA-384 and SHA-512: one file may have lines of each. */
const LENGTHS = [32, 40, 64, 96, 128];

/** SHA-256 and SHA-512 of an empty file: a script writes these when the real file is not there yet. */
const OF_NOTHING = [
  'sha256:e3b0c44298fc1c149afbf4c8996fb924',
  'sha512:cf83e1357eefb8bdf1542850d66d8007',
];

/** `<digits>  file`, `<digits> *file`, and with one blank as openSUSE's Build Service writes it. */
const GNU = /^(?<digits>[0-9a-f]+) [ *]?(?:\.\/)?(?<name>\S+)$/i;
/** `SHA256 (file) = <digits>`. */
const BSD = /^SHA(?:256|512) \((?<name>[^)]+)\) = (?<digits>[0-9a-f]+)$/i;

/**
 * The checksum for `file` in a checksum file, SHA-512 if it has both. Throws a PublisherError
 * (CHECKSUM_UNREADABLE) unless there is exactly one, and for any broken line about the file: nobody
 * vouches for such a build.
 */
export function checksumOf({ lines, place }: Sums, file: string): Checksum {
  const all = lines.flatMap((line) => {
    const { name, digits } = (GNU.exec(line) ?? BSD.exec(line))?.groups ?? {};
    return name === file && digits !== undefined ? [digits.toLowerCase()] : [];
  });
  const mentions = lines.filter((line) => wordsOf(line).includes(file));
  if (mentions.length > all.length) {
    throw unreadable(place, `has a line for ${file} without a checksum`);
  }
  const wrong = all.find(({ length }) => !LENGTHS.includes(length));
  if (wrong !== undefined) throw unreadable(place, `has ${wrong.length} digits for ${file}`);
  const found = (['sha512', 'sha256'] as const).map((name) => [
    ...new Set(all.flatMap((digits) => parseChecksum(`${name}:${digits}`) ?? [])),
  ]);
  if (found.some(({ length }) => length > 1)) {
    throw unreadable(place, `has two different checksums for ${file}`);
  }
  const [checksum, ...others] = found.flat();
  if (checksum === undefined) throw unreadable(place, `has no checksum for ${file}`);
  if ([checksum, ...others].some((sum) => OF_NOTHING.some((start) => sum.startsWith(start)))) {
    throw unreadable(place, `has the checksum of an empty file for ${file}`);
  }
  return checksum;
}

function unreadable(url: string, problem: string): PublisherError {
  return new PublisherError(
    'CHECKSUM_UNREADABLE',
    `${url} ${problem}`,
    'wait until its publisher corrects that; the pinned build stays until then',
  );
}
