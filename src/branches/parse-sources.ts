import type { z } from 'zod';
import { compilePattern, templateGroups } from './pattern.ts';
import { SOURCE_CODES, type SourceCode } from './source-rules.ts';
import {
  CatalogReaderShape,
  NewestBranches,
  OnlyBranches,
  PatternReaderShape,
  SourceOutline,
} from './source-schema.ts';
import type { BranchRule, ReferenceReader, Source } from './source.ts';
import type { DocumentPath, DocumentProblem } from '../yaml/document-problem.ts';
import { explainIssues, isMapping, type ShapeCode } from '../yaml/explain-issues.ts';
import { quote } from '../yaml/wording.ts';
import type { YamlDocument } from '../yaml/yaml-document.ts';

type SourceFinding = DocumentProblem<SourceCode | ShapeCode>;

/** Where findings go, and what they need to be explained. */
interface Check {
  readonly findings: SourceFinding[];
  readonly sourceOf: YamlDocument['sourceOf'];
}

/**
 * Parses the list `sources` of a retention file. Without findings, every source is there; with some,
 * those that are good by themselves.
 */
export function parseSources(
  raw: readonly unknown[],
  sourceOf: YamlDocument['sourceOf'],
): { readonly sources: readonly Source[]; readonly findings: readonly SourceFinding[] } {
  const check: Check = { findings: [], sourceOf };
  const sources = raw.flatMap((each, at) => parseSource(each, ['sources', at], check) ?? []);
  const names = raw.map((each) => (isMapping(each) ? each['name'] : undefined));
  findRepeats(names, (at) => ['sources', at, 'name'], check);
  return { sources, findings: check.findings };
}

function parseSource(raw: unknown, path: DocumentPath, check: Check): Source | undefined {
  const outline = parseShape(SourceOutline, raw, path, check);
  const given = isMapping(raw) ? raw : {};
  // Looked at whatever else is wrong, so that one mistake does not hide another.
  const branches =
    given['branches'] === undefined
      ? undefined
      : parseBranches(given['branches'], [...path, 'branches'], check);
  const list: readonly unknown[] = Array.isArray(given['references']) ? given['references'] : [];
  const readers = list.map((each, at) => parseReader(each, [...path, 'references', at], check));
  if (outline === undefined || branches === undefined) return undefined;
  const references = readers.filter((reader) => reader !== undefined);
  if (references.length < readers.length) return undefined;
  const { name, repository, aliasPrefix } = outline;
  return {
    ...{ name, repository, branches, references },
    ...(aliasPrefix !== undefined && { aliasPrefix }),
  };
}

function parseBranches(raw: unknown, path: DocumentPath, check: Check): BranchRule | undefined {
  if (isMapping(raw) && Object.hasOwn(raw, 'only')) {
    const parsed = parseShape(OnlyBranches, raw, path, check);
    if (Array.isArray(raw['only'])) {
      findRepeats(raw['only'], (at) => [...path, 'only', at], check);
    }
    return parsed;
  }
  const parsed = parseShape(NewestBranches, raw, path, check);
  if (parsed === undefined) return undefined;
  const { default: main, releases, newest } = parsed;
  if (releases === undefined && newest !== undefined) {
    missing([...path, 'releases'], 'releases: release-*', check);
  }
  if (releases !== undefined && newest === undefined) {
    missing([...path, 'newest'], 'newest: 3', check);
  }
  return {
    ...(main !== undefined && { default: main }),
    ...(releases !== undefined && newest !== undefined && { releases: { glob: releases, newest } }),
  };
}

function parseReader(raw: unknown, path: DocumentPath, check: Check): ReferenceReader | undefined {
  if (isMapping(raw) && Object.hasOwn(raw, 'catalog')) {
    return parseShape(CatalogReaderShape, raw, path, check);
  }
  const parsed = parseShape(PatternReaderShape, raw, path, check);
  const written = isMapping(raw) ? raw['pattern'] : undefined;
  const compiled = typeof written === 'string' ? compilePattern(written) : undefined;
  if (parsed === undefined || compiled === undefined || !('pattern' in compiled)) return undefined;
  const { groups, pattern } = compiled;
  const unknown = templateGroups(parsed.image).find((name) => !groups.includes(name));
  if (unknown !== undefined) {
    check.findings.push({
      code: 'INVALID_TEMPLATE',
      path: [...path, 'image'],
      problem: `the pattern has no group ${quote(unknown)}`,
      remedy: `use ${groups.join(' or ')}, or name a group so`,
    });
  }
  return { files: parsed.files, pattern, image: parsed.image };
}

/** The value, if it has the shape; and what is wrong with it goes to the findings. */
function parseShape<Shape extends z.ZodObject>(
  schema: Shape,
  raw: unknown,
  path: DocumentPath,
  { findings, sourceOf }: Check,
): z.output<Shape> | undefined {
  const result = schema.safeParse(raw);
  const issues = result.error?.issues ?? [];
  findings.push(...explainIssues(issues, { raw, path, sourceOf }, schema, SOURCE_CODES));
  return result.data;
}

function missing(path: DocumentPath, example: string, { findings }: Check): void {
  const problem = `${String(path.at(-1))} is missing`;
  findings.push({ code: 'MISSING_KEY', path, problem, remedy: `add ${example}` });
}

function findRepeats(
  values: readonly unknown[],
  pathOf: (at: number) => DocumentPath,
  { findings }: Check,
): void {
  for (const [at, value] of values.entries()) {
    if (typeof value !== 'string' || values.indexOf(value) === at) continue;
    const problem = `${quote(value)} stands here twice`;
    const remedy = 'delete one, or give it another name';
    findings.push({ code: 'DUPLICATE_ENTRY', path: pathOf(at), problem, remedy });
  }
}
