import { type FetchText, gone, PublisherError } from './publisher.ts';
import { parseJson } from '../../json.ts';
import { percentDecoded } from '../../url.ts';
import { z } from 'zod';

/**
 * The names in the directory at `url` that `isBuild` accepts; `example` is one. Rejects with a
 * PublisherError: SOURCE_GONE without a directory, LIST_UNREADABLE without such names.
 */
export async function listed(
  url: string,
  fetchText: FetchText,
  example: string,
  isBuild: (name: string) => boolean,
): Promise<readonly string[]> {
  const list = await fetchText(url);
  if (list === undefined) throw gone(url);
  return requireBuilds(readList(list, url).filter(isBuild), url, example);
}

/** The names. Throws a PublisherError (LIST_UNREADABLE) if there are none. */
export function requireBuilds(
  names: readonly string[],
  url: string,
  example: string,
): readonly string[] {
  if (names.length > 0) return names;
  throw new PublisherError(
    'LIST_UNREADABLE',
    `${url} lists no build such as ${example}`,
    'check whether the publisher has renamed its builds, and pin one of them',
  );
}

/** A directory as MirrorCache lists it for `?jsontable` (openSUSE/MirrorCache, README). */
const JsonTable = z.object({ data: z.array(z.object({ name: z.string() })) });

/**
 * The names of files and folders, without a slash, in the list of the directory at `url`: the targets of
 * a page's links, or the names in a table of MirrorCache.
 */
export function readList(text: string, url: string): readonly string[] {
  const table = JsonTable.safeParse(parseJson(text)).data?.data.map(({ name }) => name);
  const names = table ?? namesInPage(text, url);
  return [...new Set(names.map((name) => name.replace(/\/$/, '')))];
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
