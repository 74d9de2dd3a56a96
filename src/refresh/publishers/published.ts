import { checksumAlgorithm } from '../../catalog/checksum.ts';
import { checksumOf } from './checksum-of.ts';
import type { Ask, PinnedDisk, PublishedDisk } from './publisher.ts';
import { readList } from './read-list.ts';
import { SourceError, sourceGone } from './source-error.ts';

/** What is in the directory at `url`. Rejects with a SourceError (SOURCE_GONE) if there is no such directory. */
export async function listed(url: string, ask: Ask): Promise<readonly string[]> {
  const list = await ask(url);
  if (list === undefined) throw sourceGone(url);
  return readList(list, url);
}

/** Throws a SourceError unless a list has something in it that looks like a build. */
export function requireBuilds(found: readonly unknown[], url: string, example: string): void {
  if (found.length > 0) return;
  throw new SourceError(
    'LIST_UNREADABLE',
    `${url} lists no build such as ${example}`,
    'look whether the builds are called otherwise now, and pin one of them',
  );
}

/** The text of a checksum file. Rejects with a SourceError if there is none. */
export async function sumsAt(url: string, ask: Ask): Promise<string> {
  const sums = await ask(url);
  if (sums === undefined) throw sourceGone(url);
  return sums;
}

/**
 * The build at `url` with its checksum from the text of the checksum file at `place`. Throws a SourceError
 * when that has none, or another one than the catalog for what is pinned: a file that was replaced, or
 * a checksum that never was this file's, is for somebody to look at.
 */
export function published(
  url: string,
  sums: { readonly text: string; readonly place: string },
  pinned: PinnedDisk,
): PublishedDisk {
  const checksum = checksumOf(sums.text, url.slice(url.lastIndexOf('/') + 1), sums.place);
  if (url !== pinned.url) return { url, checksum };
  const isSameAlgorithm = checksumAlgorithm(checksum) === checksumAlgorithm(pinned.checksum);
  if (isSameAlgorithm && checksum !== pinned.checksum) {
    throw new SourceError(
      'CHECKSUM_DIFFERS',
      `${sums.place} has ${checksum} for the very file that is pinned to ${pinned.checksum}`,
      'find out whether the file was replaced or the checksum copied from another one, and correct it',
    );
  }
  return { url, checksum: pinned.checksum };
}
