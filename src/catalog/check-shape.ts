import type { z } from 'zod';
import { closest } from '../document/closest.ts';
import type { DocumentPath } from '../document/document-path.ts';
import { MAX_FINDINGS } from './finding.ts';
import type { Finding } from './finding.ts';
import { CATALOG_PROBLEM_CODES } from './problem-code.ts';
import { Fields } from './schema.ts';
import { didYouMean, quote } from './value-rules.ts';
import type { YamlDocument } from '../document/yaml-document.ts';

type Issue = z.core.$ZodIssue;

/** A part of the catalog: the keys that hold what they should, and findings about the others. */
export interface CheckedShape {
  readonly fields: Fields;
  /** Keys that are there and wrong; all of them when the part is no mapping at all. */
  isBroken(key: string): boolean;
  readonly findings: readonly Finding[];
}

/**
 * Checks the part of a catalog at `path` against its schema, key by key: what is wrong with one key
 * leaves the others usable for the checks that come later.
 */
export function checkShape(
  schema: z.ZodObject,
  raw: unknown,
  path: DocumentPath,
  source: YamlDocument['sourceOf'],
): CheckedShape {
  const result = schema.safeParse(raw);
  const issues = result.error?.issues ?? [];
  const findings = issues
    .slice(0, MAX_FINDINGS)
    .flatMap((issue) =>
      explain(issue, [...path, ...pathOf(issue)], valueAt(raw, pathOf(issue)), schema, source),
    );
  if (!isMapping(raw)) return { fields: {}, isBroken: () => true, findings };

  const broken = new Set(
    issues.flatMap((issue) =>
      issue.code === 'unrecognized_keys' ? issue.keys : String(issue.path[0]),
    ),
  );
  const sound = Object.entries(raw).filter(([key]) => !broken.has(key));
  const isBroken = (key: string) => Object.hasOwn(raw, key) && broken.has(key);
  return { fields: Fields.parse(Object.fromEntries(sound)), isBroken, findings };
}

export function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function explain(
  issue: Issue,
  path: DocumentPath,
  value: unknown,
  schema: z.ZodObject,
  source: YamlDocument['sourceOf'],
): Finding[] {
  if (issue.code === 'unrecognized_keys') {
    const known = Object.keys(schema.shape);
    return issue.keys.slice(0, MAX_FINDINGS).map((key) => unknownKey([...path, key], key, known));
  }
  if (issue.code === 'invalid_key') {
    return issue.issues.map((nested) => ({ ...ownFinding(nested, path), atKey: true }));
  }
  if (issue.code === 'custom') return [ownFinding(issue, path)];
  if (issue.code === 'invalid_type' && value === undefined) return [missingKey(path)];
  return [wrongType(path, value, issue, source(path))];
}

/** An issue that one of our own value rules raised. */
function ownFinding(issue: Issue, path: DocumentPath): Finding {
  const params: Record<string, unknown> = issue.code === 'custom' ? (issue.params ?? {}) : {};
  const code = CATALOG_PROBLEM_CODES.find((known) => known === params['code']) ?? 'WRONG_TYPE';
  return { code, path, problem: issue.message, remedy: String(params['remedy']) };
}

function unknownKey(path: DocumentPath, key: string, known: readonly string[]): Finding {
  const beside = known.includes('versions') && ['version', 'base', 'name'].includes(key);
  return {
    code: 'UNKNOWN_KEY',
    path,
    atKey: true,
    problem: `${quote(key)} is no key here`,
    remedy: beside
      ? 'move it into an item of versions, or delete versions'
      : didYouMean(closest(key, known), `the known keys are ${known.join(', ')}`),
  };
}

function missingKey(path: DocumentPath): Finding {
  const key = String(path.at(-1));
  return { code: 'MISSING_KEY', path, problem: `${key} is missing`, remedy: `add ${key}: ...` };
}

function wrongType(
  path: DocumentPath,
  value: unknown,
  issue: Issue,
  source: string | undefined,
): Finding {
  const isPlain = typeof value === 'number' || typeof value === 'boolean';
  const expectsText = issue.code === 'invalid_type' && issue.expected === 'string';
  if (isPlain && expectsText) {
    const isVersion = path.at(-1) === 'version';
    const written = source ?? String(value);
    const read =
      written === String(value) ? `a ${typeof value}` : `the ${typeof value} ${String(value)}`;
    return {
      code: isVersion ? 'UNQUOTED_VERSION' : 'UNQUOTED_VALUE',
      path,
      problem: `${quote(written).slice(1, -1)} was read as ${read}`,
      remedy: `put it in quotes: ${quote(written)}`,
    };
  }
  if (issue.code === 'too_small') {
    const problem = issue.origin === 'array' ? 'the list is empty' : 'the text is empty';
    const remedy = `write at least one ${issue.origin === 'array' ? 'item' : 'character'}`;
    return { code: 'WRONG_TYPE', path, problem, remedy };
  }
  const expected = issue.code === 'invalid_type' ? issue.expected : 'another value';
  const problem = `this is ${describe(value)}`;
  return { code: 'WRONG_TYPE', path, problem, remedy: `write ${NAMES[expected] ?? expected}` };
}

const NAMES: Readonly<Record<string, string>> = {
  string: 'text',
  array: 'a list',
  object: 'a mapping of keys to values',
  record: 'a mapping of keys to values',
};

function describe(value: unknown): string {
  if (value === null || value === undefined) return 'empty';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object'
    ? 'a mapping'
    : typeof value === 'string'
      ? 'text'
      : `a ${typeof value}`;
}

function pathOf(issue: Issue): DocumentPath {
  return issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part));
}

function valueAt(value: unknown, path: DocumentPath): unknown {
  return path.reduce<unknown>((at, part) => {
    if (Array.isArray(at) && typeof part === 'number') return at[part] as unknown;
    return isMapping(at) && Object.hasOwn(at, part) ? at[part] : undefined;
  }, value);
}
