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

/** A directory as MirrorCache tells it for `?jsontable` (openSUSE/MirrorCache, README). */
const JsonTable = z.object({ data: z.array(z.object({ name: z.string() })) });

/**
 * The names of files and folders, those without their slash, in a directory's list at `url`: where a
 * page's links lead to, and nothing of its prose, or the names of a MirrorCache's table.
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

/** Only what lies in the directory itself. What it is called is checked by whoever looks for a name. */
function namesInPage(text: string, url: string): readonly string[] {
  const folder = new URL('.', url);
  return [...text.replaceAll(COMMENT, '').matchAll(LINK)].flatMap(([, double, single, bare]) => {
    const target = URL.parse(double ?? single ?? bare ?? '', folder.href);
    if (target?.origin !== folder.origin) return [];
    const [, name] = /^([^/]+)\/?$/.exec(after(target.pathname, folder.pathname)) ?? [];
    return name === undefined ? [] : [percentDecoded(name) ?? name];
  });
}

function after(text: string, start: string): string {
  return text.startsWith(start) ? text.slice(start.length) : '';
}
