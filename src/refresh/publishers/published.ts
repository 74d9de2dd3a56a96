import { checksumAlgorithm } from '../../catalog/image.ts';
import { checksumOf } from './sums.ts';
import {
  type Ask,
  type PinnedDisk,
  type PublishedDisk,
  SourceError,
  sourceGone,
} from './publisher.ts';
import { parseJson } from '../../json.ts';
import { percentDecoded } from '../../url.ts';
import { z } from 'zod';

/** The names in the directory at `url`. Rejects with a SourceError (SOURCE_GONE) if there is none. */
export async function listed(url: string, ask: Ask): Promise<readonly string[]> {
  const list = await ask(url);
  if (list === undefined) throw sourceGone(url);
  return readList(list, url);
}

/** Throws a SourceError (LIST_UNREADABLE) for a list without builds. */
export function requireBuilds(found: readonly unknown[], url: string, example: string): void {
  if (found.length > 0) return;
  throw new SourceError(
    'LIST_UNREADABLE',
    `${url} lists no build such as ${example}`,
    'check whether the publisher has renamed its builds, and pin one of them',
  );
}

/** The text of a checksum file. Rejects with a SourceError (SOURCE_GONE) if there is none. */
export async function sumsAt(url: string, ask: Ask): Promise<string> {
  const sums = await ask(url);
  if (sums === undefined) throw sourceGone(url);
  return sums;
}

/**
 * The build at `url` with its checksum from the checksum file at `place`. Throws a SourceError for a file
 * without that checksum, and for one that contradicts the pin of the same build: a person must find out
 * whether the build was replaced or the pin was wrong.
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

/** A directory as MirrorCache lists it for `?jsontable` (openSUSE/MirrorCache, README). */
const JsonTable = z.object({ data: z.array(z.object({ name: z.string() })) });

/**
 * The names of files and folders, without a slash, in the list of the directory at `url`: the targets of
 * a page's links, or the names in a table of MirrorCache.
 */
export function readList(text: string, url: string): readonly string[] {
  const names = text.trimStart().startsWith('{') ? namesInTable(text) : namesInPage(text, url);
  return [...new Set(names.map((name) => name.replace(/\/$/, '')))];
}

function namesInTable(text: string): readonly string[] {
  const { data } = JsonTable.safeParse(parseJson(text)).data ?? { data: [] };
  return data.map(({ name }) => name);
}

const COMMENT = /<!--[^]*?-->/g;
const LINK = /<a\s[^>]*?\bhref\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))/gi;

/** Names in the directory itself only. Callers check the shape of the names. */
function namesInPage(text: string, url: string): readonly string[] {
  const folder = new URL('.', url);
  return [...text.replaceAll(COMMENT, '').matchAll(LINK)].flatMap(([, double, single, bare]) => {
    const target = URL.parse(double ?? single ?? bare ?? '', folder.href);
    if (target?.origin !== folder.origin) return [];
    if (!target.pathname.startsWith(folder.pathname)) return [];
    const [, name] = /^([^/]+)\/?$/.exec(target.pathname.slice(folder.pathname.length)) ?? [];
    return name === undefined ? [] : [percentDecoded(name) ?? name];
  });
}
