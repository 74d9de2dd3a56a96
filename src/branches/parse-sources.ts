import type { z } from 'zod';
import { readBranchPins } from './pins.ts';
import { compilePattern, templateGroups } from './pattern.ts';
import { patternKey } from './pattern-key.ts';
import {
  CatalogReaderShape,
  NewestBranches,
  OnlyBranches,
  PatternReaderShape,
  SOURCE_CODES,
  SourceOutline,
  YamlReaderShape,
} from './source-schema.ts';
import type { BranchRule, ReferenceReader, Source } from './source.ts';
import type { DocumentPath, DocumentProblem } from '../yaml/document-problem.ts';
import {
  checkMapping,
  isMapping,
  missingKey,
  type DocumentPart,
  type ShapeCode,
} from '../yaml/check-mapping.ts';
import { quote } from '../yaml/wording.ts';

type SourceProblem = DocumentProblem<(typeof SOURCE_CODES)[number] | ShapeCode>;

/** Collects problems, and has what is needed to explain them. */
interface Check {
  readonly problems: SourceProblem[];
  readonly document: DocumentPart['document'];
}

/**
 * Parses the list `sources` of a retention file. Returns the sources that are valid by themselves, and
 * the problems of the others and of the list.
 */
export function parseSources(
  raw: readonly unknown[],
  document: DocumentPart['document'],
): { readonly sources: readonly Source[]; readonly problems: readonly SourceProblem[] } {
  const check: Check = { problems: [], document };
  const sources = raw.flatMap((each, at) => parseSource(each, ['sources', at], check) ?? []);
  const names = raw.map((each) => (isMapping(each) ? each['name'] : undefined));
  const repeats = findRepeats(names, (at) => ['sources', at, 'name']);
  return { sources, problems: [...check.problems, ...repeats] };
}

function parseSource(raw: unknown, path: DocumentPath, check: Check): Source | undefined {
  const outline = parseShape(SourceOutline, raw, path, check);
  // The parts are checked even if the outline is wrong, so that no problem hides another.
  const given = isMapping(raw) ? raw : {};
  const branches =
    given['branches'] === undefined
      ? undefined
      : parseBranches(given['branches'], [...path, 'branches'], check);
  const readers = listOf(given['references']).map((each, at) =>
    parseReader(each, [...path, 'references', at], check),
  );
  const references = readers.filter((reader) => reader !== undefined);
  if (outline === undefined || branches === undefined) return undefined;
  if (references.length < readers.length) return undefined;
  const { name, repository, aliasPrefix, accept } = outline;
  const pins = readBranchPins(outline.pins, [...path, 'pins'], check.document);
  return { name, aliasPrefix, repository, branches, pins, accept, references };
}

function parseBranches(raw: unknown, path: DocumentPath, check: Check): BranchRule | undefined {
  if (isMapping(raw) && Object.hasOwn(raw, 'only')) {
    check.problems.push(...findRepeats(listOf(raw['only']), (at) => [...path, 'only', at]));
    return parseShape(OnlyBranches, raw, path, check);
  }
  const parsed = parseShape(NewestBranches, raw, path, check);
  if (parsed === undefined) return undefined;
  const { default: main, releases: glob, newest, except, accept } = parsed;
  if (glob !== undefined && newest !== undefined) {
    return { default: main, releases: { glob, newest, except, accept } };
  }
  if (newest !== undefined) check.problems.push(missingKey([...path, 'releases'], 'release-*'));
  if (glob !== undefined) check.problems.push(missingKey([...path, 'newest'], '3'));
  return { default: main };
}

function parseReader(raw: unknown, path: DocumentPath, check: Check): ReferenceReader | undefined {
  if (isMapping(raw) && Object.hasOwn(raw, 'catalog')) {
    return parseShape(CatalogReaderShape, raw, path, check);
  }
  if (isMapping(raw) && Object.hasOwn(raw, 'yaml')) {
    const parsed = parseShape(YamlReaderShape, raw, path, check);
    if (parsed === undefined) return undefined;
    const { yaml, ...rest } = parsed;
    checkTemplate(rest.image, ['image'], path, check);
    const key = new RegExp(`(?<![\\w-])${RegExp.escape(yaml.key)}["']?\\s*:`, 'u');
    checkIgnore(rest.ignore, key, path, check);
    return { ...rest, files: rest.files.map(asGlob), key: yaml.key };
  }
  const parsed = parseShape(PatternReaderShape, raw, path, check);
  if (parsed === undefined) return undefined;
  const compiled = compilePattern(parsed.pattern);
  if (!('pattern' in compiled)) return undefined;
  const { groups, pattern } = compiled;
  checkTemplate(parsed.image, groups, path, check);
  const known = ['image', 'tag', 'digest', ...templateGroups(parsed.image)];
  const unused = groups.find((name) => !known.includes(name));
  if (unused !== undefined) {
    check.problems.push({
      code: 'INVALID_PATTERN',
      path: [...path, 'pattern'],
      problem: `nothing uses the group ${quote(unused)}`,
      remedy: 'name it image, tag or digest, use it in image, or write (?:...)',
    });
  }
  const files = parsed.files.map(asGlob);
  const key = patternKey(parsed.pattern);
  if (key !== undefined) checkIgnore(parsed.ignore, key, path, check);
  return { ...parsed, files, pattern, patternKey: key };
}

/** Lines of `ignore` have more than a reader's key: the value is on another line, and may be any. */
function checkIgnore(
  ignore: readonly string[],
  { source, flags }: RegExp,
  path: DocumentPath,
  { problems }: Check,
): void {
  const isKeyAlone = new RegExp(`${source}["'\\s]*(?:[|>][-+\\d]*|[&!]\\S*)?(?:\\s*#.*)?$`, flags);
  for (const [at, line] of ignore.entries()) {
    if (line.search(isKeyAlone) < 0) continue;
    const problem = `${quote(line)} would leave out any value that a following line gives the key`;
    const remedy = 'write the value behind its key, and ignore that line';
    problems.push({ code: 'INVALID_IGNORE', path: [...path, 'ignore', at], problem, remedy });
  }
}

function asGlob(written: string | { glob: string; optional: boolean }) {
  return typeof written === 'string' ? { glob: written, optional: false } : written;
}

/** A template uses only the groups that there are. */
function checkTemplate(
  template: string,
  groups: readonly string[],
  path: DocumentPath,
  { problems }: Check,
): void {
  const unknown = templateGroups(template).find((name) => !groups.includes(name));
  if (unknown === undefined) return;
  const problem = `there is no group ${quote(unknown)}`;
  const remedy = `use ${groups.join(' or ')}, or give a group of the pattern this name`;
  problems.push({ code: 'INVALID_TEMPLATE', path: [...path, 'image'], problem, remedy });
}

/** The value if it has the shape. Adds the problems of its shape. */
function parseShape<Shape extends z.ZodObject>(
  schema: Shape,
  raw: unknown,
  path: DocumentPath,
  { problems, document }: Check,
): z.output<Shape> | undefined {
  const checked = checkMapping(schema, { raw, path, document }, SOURCE_CODES);
  problems.push(...checked.problems);
  return checked.data;
}

/** The value if it is a list; otherwise an empty list, since its shape is a problem already. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The problems of texts that stand more than once in a list, each at the repeated text. */
export function findRepeats(
  values: readonly unknown[],
  pathOf: (at: number) => DocumentPath,
): readonly DocumentProblem<'DUPLICATE_ENTRY'>[] {
  return values.flatMap((value, at): DocumentProblem<'DUPLICATE_ENTRY'>[] => {
    if (typeof value !== 'string' || values.indexOf(value) === at) return [];
    const problem = `${quote(value)} stands here twice`;
    const remedy = 'delete one, or write another';
    return [{ code: 'DUPLICATE_ENTRY', path: pathOf(at), problem, remedy }];
  });
}
