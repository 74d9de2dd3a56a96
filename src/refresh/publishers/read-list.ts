import { parseJson } from '../../json.ts';
import { z } from 'zod';
import { percentDecoded } from '../../percent-decoded.ts';

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
