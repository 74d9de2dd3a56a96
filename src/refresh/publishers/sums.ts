import { isCut, parseChecksumLine, wordsOf } from './checksum-line.ts';
import { checksumAlgorithm, parseChecksum, type Checksum } from '../../catalog/image.ts';
import { parseJson } from '../../json.ts';
import { quote } from '../../yaml/wording.ts';
import {
  type FetchText,
  gone,
  type PinnedDisk,
  type FoundBuild,
  PublisherError,
} from './publisher.ts';

/** A checksum file. */
interface Sums {
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
  if (typeof parseJson(text) === 'object') throw unreadable(place, 'is JSON, and no checksum file');
  if (text.includes('\0')) throw unreadable(place, 'is no text in UTF-8');
  // The text is between its head and the signature (RFC 9580, "Cleartext Signature Framework").
  const [before = ''] = text.split('-----BEGIN PGP SIGNATURE-----');
  const signed = before.split('-----BEGIN PGP SIGNED MESSAGE-----').at(-1) ?? '';
  const lines = signed.split('\n').map((line) => line.trim());
  return { lines: lines.filter((line) => line !== '' && !line.startsWith('#')), place };
}

/** All words of a checksum file, which include the names of files with and without a checksum. */
export function sumWords({ lines }: Sums): readonly string[] {
  return lines.flatMap(wordsOf);
}

/**
 * The build at `url` with its checksum from a checksum file. Throws a PublisherError for a file without
 * that checksum, and for one that contradicts the pin of the same build: a person must find out whether
 * the build was replaced or the pin was wrong.
 */
export function published(url: string, sums: Sums, pinned: PinnedDisk): FoundBuild {
  const checksum = checksumOf(sums, url);
  if (url !== pinned.url) return { newest: { url, checksum } };
  const isSameAlgorithm = checksumAlgorithm(checksum) === checksumAlgorithm(pinned.checksum);
  if (isSameAlgorithm && checksum !== pinned.checksum) {
    throw new PublisherError(
      'CHECKSUM_DIFFERS',
      `${sums.place} has ${checksum} for the very file that is pinned to ${pinned.checksum}`,
      'find out whether the file was replaced or the checksum copied from another one, and correct it',
    );
  }
  return { newest: { url, checksum: pinned.checksum } };
}

/** SHA-256 and SHA-512 of an empty file: a script writes these when the real file is not there yet. */
const OF_NOTHING = [
  'sha256:e3b0c44298fc1c149afbf4c8996fb924',
  'sha512:cf83e1357eefb8bdf1542850d66d8007',
];

/**
 * The checksum for the file at `url` in a checksum file, SHA-512 if it has both. Throws a PublisherError
 * (CHECKSUM_UNREADABLE) unless there is exactly one, and for any broken line about the file: nobody
 * vouches for such a build.
 */
export function checksumOf({ lines, place }: Sums, url: string): Checksum {
  const file = url.slice(url.lastIndexOf('/') + 1);
  /** Whether a name in the list is that of the file, or the end of its address. */
  const isFile = (name: string) => name !== '' && url.endsWith(`/${name}`);
  // A list with one line and no name is for the file that it is named after, as in disk.qcow2.sha256.
  const isOwnList =
    lines.length === 1 && place.slice(place.lastIndexOf('/') + 1).startsWith(`${file}.`);
  const all = lines.flatMap((line) => {
    const parsed = parseChecksumLine(line);
    const name = parsed?.name ?? (isOwnList ? file : undefined);
    return parsed !== undefined && name !== undefined && isFile(name) ? [parsed] : [];
  });
  const broken = lines.find(
    (line) => wordsOf(line).some(isFile) && parseChecksumLine(line)?.name === undefined,
  );
  if (broken !== undefined) {
    throw unreadable(place, `has a line for ${file} that is no checksum: ${quoted(broken)}`);
  }
  const cut = all.find(isCut);
  if (cut !== undefined) throw unreadable(place, `has ${cut.digits.length} digits for ${file}`);
  const found = (['sha512', 'sha256'] as const).map((name) => {
    const own = all.filter(({ algorithm }) => algorithm === name);
    return [...new Set(own.flatMap(({ digits }) => parseChecksum(`${name}:${digits}`) ?? []))];
  });
  if (found.some(({ length }) => length > 1)) {
    throw unreadable(place, `has two different checksums for ${file}`);
  }
  const [checksum, ...others] = found.flat();
  if (checksum === undefined) {
    const names = [...new Set(all.map(({ algorithm }) => algorithm))].join(', ');
    const near = lines.find((line) => line.includes(file));
    const line =
      near === undefined
        ? `its first line is ${quote((lines[0] ?? '').slice(0, 80))}`
        : quoted(near);
    const instead = names === '' ? line : `only ${names}`;
    throw unreadable(place, `has no SHA-256 or SHA-512 checksum for ${file}: ${instead}`);
  }
  if ([checksum, ...others].some((sum) => OF_NOTHING.some((start) => sum.startsWith(start)))) {
    throw unreadable(place, `has the checksum of an empty file for ${file}`);
  }
  return checksum;
}

/** A line, without all the digits that stand before what matters. */
function quoted(line: string): string {
  return quote(line.replace(/(?<=[0-9a-f]{8})[0-9a-f]{24,}/i, '...'));
}

function unreadable(url: string, problem: string): PublisherError {
  return new PublisherError(
    'CHECKSUM_UNREADABLE',
    `${url} ${problem}`,
    'wait until its publisher corrects that; the pinned build stays until then',
  );
}
