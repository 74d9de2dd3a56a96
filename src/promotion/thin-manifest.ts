import { stringify } from 'yaml';
import { z } from 'zod';
import { compareTexts } from '../compare-texts.ts';
import { parseDigest, parseTag } from '../image-reference.ts';
import { InvalidInputError, type Problem } from '../problem.ts';
import type { DocumentPath } from '../yaml/document-problem.ts';
import { quote } from '../yaml/wording.ts';
import { nextLine, parseYaml, type YamlDocument } from '../yaml/yaml-document.ts';
import type { Promotion } from './promoted-versions.ts';

/** kpromo's `images.yaml`, which promotes each digest with its tags. */
const Entries = z
  .array(
    z.strictObject({
      name: z.string().min(1),
      dmap: z.record(
        z.string().refine((text) => parseDigest(text) !== undefined),
        z.array(z.union([z.string(), z.number(), z.boolean()])).nullable(),
      ),
    }),
  )
  .nullable();

/** An image in the file; several entries may have one name. */
interface Entry {
  readonly name: string;
  /** Digest → tags, as they are spelled. */
  readonly digests: ReadonlyMap<string, readonly string[]>;
}

/**
 * The text of a thin manifest with these promotions in it, and how many of their versions and tags it lacked. Nothing
 * that is there changes, comments included. Throws an InvalidInputError: TAG_WOULD_MOVE for a tag that is there at
 * another digest, PROMOTION_NOT_WRITTEN for a style that has no lines to add to, and others for what is no manifest.
 */
export function addPromotions(
  file: string,
  text: string,
  promotions: readonly Promotion[],
): { readonly text: string; readonly added: number } {
  const before = read(file, text);
  const problems = promotions.flatMap((each) => movedTags(file, before, each));
  if (problems.length > 0) throw new InvalidInputError(problems);
  let [edited, added] = [text, 0];
  for (const promotion of promotions) {
    const now = read(file, edited);
    const missing = missingTags(now.entries, promotion);
    if (missing === undefined) continue;
    const next = add(edited, now, { ...promotion, tags: missing });
    if (next === undefined || !isAdded(file, now.entries, next, promotion)) {
      throw notWritten(file, promotion);
    }
    edited = next;
    added += 1;
  }
  return { text: edited, added };
}

interface Read {
  readonly document: YamlDocument;
  readonly entries: readonly Entry[];
}

function read(file: string, text: string): Read {
  const document = parseYaml(text, file);
  const { success, data, error } = Entries.safeParse(document.value);
  if (!success) {
    const problems = error.issues.map(({ path }): Problem => {
      const position = document.positionOf(path.filter((key) => typeof key !== 'symbol'));
      const problem = 'this is no list of images that kpromo reads';
      const remedy = 'write each image as name and dmap, which has digests with lists of tags';
      return { code: 'INVALID_PROMOTION', file, ...position, problem, remedy };
    });
    throw new InvalidInputError(problems);
  }
  const entries = (data ?? []).map(({ name, dmap }, at): Entry => {
    const digests = Object.entries(dmap).map(([digest, tags]) => {
      const spelled = (tags ?? []).map(
        (tag, of) => document.scalarAt([at, 'dmap', digest, of])?.spelling ?? String(tag),
      );
      return [digest, spelled] as const;
    });
    return { name, digests: new Map(digests) };
  });
  return { document, entries };
}

function movedTags(
  file: string,
  { document, entries }: Read,
  { image, digest, tags }: Promotion,
): readonly Problem[] {
  return entries.flatMap(({ name, digests }, at) =>
    [...digests].flatMap(([other, there]) =>
      name !== image || other === digest
        ? []
        : there.flatMap((tag, of): Problem[] => {
            if (!tags.some((own) => own === parseTag(tag))) return [];
            const position = document.positionOf([at, 'dmap', other, of]);
            const problem = `the tag ${quote(tag)} of ${image} would move from ${other} to ${digest}, and promoted tags never move`;
            const remedy = `find out which of the two is right; the registry has ${digest}`;
            return [{ code: 'TAG_WOULD_MOVE', file, ...position, problem, remedy }];
          }),
    ),
  );
}

/** `undefined` where nothing is missing; empty for a digest without tags. */
function missingTags(entries: readonly Entry[], { image, digest, tags }: Promotion) {
  const own = entries.filter(({ name, digests }) => name === image && digests.has(digest));
  const known = new Set(own.flatMap(({ digests }) => digests.get(digest) ?? []));
  const missing = tags.filter((tag) => !known.has(tag));
  return own.length > 0 && missing.length === 0 ? undefined : missing;
}

/** Adds a digest, or tags to one that is there; `undefined` where no line says how. */
function add(
  text: string,
  { document, entries }: Read,
  { image, digest, tags }: Promotion,
): string | undefined {
  const listed = tags.map((tag) => JSON.stringify(tag)).join(', ');
  const line = `${JSON.stringify(digest)}: [${listed}]`;
  const sameName = entries.flatMap(({ name }, at) => (name === image ? [at] : []));
  const same = sameName.find((at) => entries[at]?.digests.has(digest));
  if (same !== undefined) {
    const there = entries[same]?.digests.get(digest) ?? [];
    return addTags(text, document, [same, 'dmap', digest], there.length, tags);
  }
  const [first] = sameName;
  if (first !== undefined) {
    const others = [...(entries[first]?.digests.keys() ?? [])];
    const place = (other: string): DocumentPath => [first, 'dmap', other];
    return addInOrder(
      text,
      document,
      others.map(place),
      others.findLastIndex((other) => other < digest),
      [line],
    );
  }
  const entry = [`- name: ${stringify(image).trimEnd()}`, '  dmap:', `    ${line}`];
  if (entries.length === 0)
    return `${text}${text === '' || text.endsWith('\n') ? '' : '\n'}${entry.join('\n')}\n`;
  const behind = entries.findLastIndex(({ name }) => compareTexts(name, image) < 0);
  return addInOrder(
    text,
    document,
    entries.map((_, at) => [at]),
    behind,
    entry,
  );
}

/** Adds lines behind one of some siblings, or before the first and its comment, in their column. */
function addInOrder(
  text: string,
  document: YamlDocument,
  siblings: readonly DocumentPath[],
  behind: number,
  added: readonly string[],
): string | undefined {
  const [first] = siblings;
  if (first === undefined) return undefined;
  const { line, column } = document.positionOf(first, true);
  const lines = text.split('\n');
  const written = lines[line - 1] ?? '';
  const isItem = added[0]?.startsWith('- ') === true;
  const indent = isItem ? /^ */.exec(written)?.[0] : written.slice(0, column - 1);
  if (indent?.trim() !== '') return undefined;
  const previous = siblings[behind];
  const at =
    previous === undefined ? startOf(lines, line - 1) : nextLine(text, document.endOf(previous));
  const end = text.includes('\r\n') ? '\r\n' : '\n';
  const gap = at === text.length && text !== '' && !text.endsWith('\n') ? end : '';
  const inserted = added.map((each) => indent + each + end).join('');
  return text.slice(0, at) + gap + inserted + text.slice(at);
}

/** The offset of an entry that begins at a line, with the comment above it, unless that is the file's own. */
function startOf(lines: readonly string[], index: number): number {
  const before = lines.slice(0, index);
  const above = before.slice(before.findLastIndex((each) => !/^\s*#/.test(each)) + 1);
  const others = before.slice(0, before.length - above.length);
  const isOwn = others.some((each) => !/^(?:---)?\s*$/.test(each));
  return (isOwn ? others : before).map((each) => `${each}\n`).join('').length;
}

function addTags(
  text: string,
  document: YamlDocument,
  path: DocumentPath,
  count: number,
  tags: readonly string[],
): string | undefined {
  const added = tags.map((tag) => JSON.stringify(tag));
  const last = document.scalarAt([...path, count - 1]);
  if (last === undefined) {
    const end = document.endOf(path);
    const start = text.lastIndexOf('[', end);
    if (text.slice(start, end).replaceAll(/\s/g, '') !== '[]') return undefined;
    return `${text.slice(0, start)}[${added.join(', ')}]${text.slice(end)}`;
  }
  const before = text.slice(text.lastIndexOf('\n', last.start) + 1, last.start);
  if (!/^ *- +$/.test(before)) {
    return `${text.slice(0, last.end)}, ${added.join(', ')}${text.slice(last.end)}`;
  }
  const at = nextLine(text, last.end);
  const end = text.slice(0, at).endsWith('\n') ? '' : '\n';
  return (
    text.slice(0, at) + end + added.map((tag) => `${before}${tag}\n`).join('') + text.slice(at)
  );
}

/** Whether an edit has added the promotion, and nothing else. */
function isAdded(
  file: string,
  before: readonly Entry[],
  text: string,
  { image, digest, tags }: Promotion,
): boolean {
  try {
    const { entries } = read(file, text);
    const expected = new Set([
      ...namesIn(before),
      ...namesIn([{ name: image, digests: new Map([[digest, tags]]) }]),
    ]);
    const after = namesIn(entries);
    return after.length === expected.size && after.every((name) => expected.has(name));
  } catch (error) {
    if (error instanceof InvalidInputError) return false;
    throw error;
  }
}

/** `image@digest`, and with each tag. */
function namesIn(entries: readonly Entry[]): readonly string[] {
  const names = entries.flatMap(({ name, digests }) =>
    [...digests].flatMap(([digest, tags]) => {
      const version = `${name}@${digest}`;
      return [version, ...tags.map((tag) => `${version} ${tag}`)];
    }),
  );
  return [...new Set(names)];
}

function notWritten(file: string, { image, digest, tags }: Promotion): InvalidInputError {
  const problem = `${image} is not written in lines that ${digest} could be added to`;
  const remedy = `write it by hand: {name: ${image}, dmap: {"${digest}": [${tags.join(', ')}]}}`;
  return new InvalidInputError([{ code: 'PROMOTION_NOT_WRITTEN', file, problem, remedy }]);
}
