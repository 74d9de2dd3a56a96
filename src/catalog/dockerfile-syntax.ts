import { parseJson } from '../json.ts';

/** A flag of a Dockerfile instruction, such as `--from=one`. */
interface BuilderFlag {
  readonly name: string;
  /** Without quotes; empty for a flag that stands alone. */
  readonly value: string;
}

/** The flags that take no value. */
const SWITCHES = ['link', 'parents', 'keep-git-dir', 'unpack'];

/**
 * Splits the text of an instruction into its flags and the rest of its first line, as BuildKit does
 * (`extractBuilderFlags` of its Dockerfile parser): quotes may stand anywhere in a flag and hold spaces,
 * and a backslash keeps the next letter. dockerfile-ast ends a flag at the first space and keeps its
 * quotes. `escape` is the letter that continues a line.
 */
export function splitFlags(
  instruction: string,
  escape: string,
): { readonly flags: readonly BuilderFlag[]; readonly rest: string } {
  const flags: BuilderFlag[] = [];
  let rest = firstLine(instruction, escape).replace(/^\s*\S+\s*/, '');
  while (rest.startsWith('--')) {
    const [word, following] = takeWord(rest);
    const equals = word.indexOf('=');
    const name = word.slice(2, equals < 0 ? undefined : equals);
    if (equals >= 0 || SWITCHES.includes(name)) {
      flags.push({ name, value: equals < 0 ? '' : word.slice(equals + 1) });
      rest = following;
    } else {
      // Newer front ends take the next word for the value of a flag without one.
      const [value, after] = takeWord(following);
      flags.push({ name, value });
      rest = after;
    }
  }
  return { flags, rest };
}

/** The first line with those that continue it, without comments and empty lines between them. */
function firstLine(text: string, escape: string): string {
  let joined = '';
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (index > 0 && /^\s*(?:#|$)/.test(line)) continue;
    const trimmed = line.trimEnd();
    if (!trimmed.endsWith(escape)) return joined + line;
    joined += trimmed.slice(0, -1);
  }
  return joined;
}

/** The first word, without quotes and backslashes, and what follows it. */
function takeWord(text: string): [word: string, rest: string] {
  const [written = ''] =
    /^(?:\\[^]|"(?:\\[^]|[^"\\])*"?|'(?:\\[^]|[^'\\])*'?|[^\s"'\\])*/.exec(text) ?? [];
  const word = written.replaceAll(/\\([^])|["']/g, (_, kept: string | undefined) => kept ?? '');
  return [word, text.slice(written.length).trimStart()];
}

/**
 * The images that a `--mount` takes files from. BuildKit reads its value as a line of CSV and its keys
 * in any case (`parseMount` of its Dockerfile instructions).
 */
export function mountedImages(value: string): readonly string[] {
  return csvFields(value).flatMap((field) => /^from=(.*)$/is.exec(field)?.[1] ?? []);
}

function csvFields(line: string): readonly string[] {
  const fields = line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g);
  return [...fields].map(([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? '');
}

/** Arguments that are a list of texts in JSON; `undefined` for words. */
export function listOf(args: string): readonly string[] | undefined {
  const list = parseJson(args.trim());
  const isList = Array.isArray(list) && list.every((each) => typeof each === 'string');
  return isList ? list : undefined;
}

/** The words of `a "b" /` and of `["a", "b", "/"]`, with variables in them. */
export function wordsOf(args: string, escape: string): readonly string[] {
  const words = listOf(args) ?? args.split(/\s+/).filter((word) => word !== '');
  return words.map((word) => unquoted(word, escape));
}

function unquoted(word: string, escape: string): string {
  return word.replaceAll(new RegExp(`["']|\\${escape}(?=.)`, 'gs'), '');
}
