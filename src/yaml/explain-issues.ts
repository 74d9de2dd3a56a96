import type { z } from 'zod';
import { closest, didYouMean, quote } from './wording.ts';
import {
  type DocumentPath,
  MAX_PROBLEMS,
  type DocumentProblem,
  type ValueProblem,
} from './document-problem.ts';
import type { YamlDocument } from './yaml-document.ts';

type Issue = z.core.$ZodIssue;

/** The problems that the shape of any document can have. */
export type ShapeCode = 'UNKNOWN_KEY' | 'MISSING_KEY' | 'WRONG_TYPE' | 'UNQUOTED_VALUE';

/** The value that was checked, and where it stands in its document. */
export interface CheckedValue {
  readonly raw: unknown;
  readonly path: DocumentPath;
  readonly sourceOf: YamlDocument['sourceOf'];
}

/** Explains the issues of a mapping's schema. `codes` are those of its value rules (see `ruledText`). */
export function explainIssues<Code extends string>(
  issues: readonly Issue[],
  { raw, path, sourceOf }: CheckedValue,
  schema: z.ZodObject,
  codes: readonly Code[],
): readonly DocumentProblem<Code | ShapeCode>[] {
  return issues.flatMap((issue): DocumentProblem<Code | ShapeCode>[] => {
    const below = pathOf(issue);
    const place = [...path, ...below];
    if (issue.code === 'unrecognized_keys') {
      const known = Object.keys(schema.shape);
      return issue.keys
        .slice(0, MAX_PROBLEMS)
        .map((key) => unknownKey([...place, key], key, known));
    }
    if (issue.code === 'invalid_key') {
      return issue.issues.map((key) => ({ ...ruleProblem(key, codes), path: place, atKey: true }));
    }
    if (issue.code === 'custom') return [{ ...ruleProblem(issue, codes), path: place }];
    const value = valueAt(raw, below);
    if (issue.code === 'invalid_type' && value === undefined) return [missingKey(place)];
    return [{ ...wrongValue(value, issue, sourceOf(place)), path: place }];
  });
}

export function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The problem that a value rule put into an issue. */
function ruleProblem<Code extends string>(
  issue: Issue,
  codes: readonly Code[],
): ValueProblem<Code | 'WRONG_TYPE'> {
  const params: Record<string, unknown> = issue.code === 'custom' ? (issue.params ?? {}) : {};
  const code = codes.find((known) => known === params['code']) ?? 'WRONG_TYPE';
  return { code, problem: issue.message, remedy: String(params['remedy']) };
}

function unknownKey(
  path: DocumentPath,
  key: string,
  known: readonly string[],
): DocumentProblem<'UNKNOWN_KEY'> {
  const problem = `${quote(key)} is no key here`;
  const remedy = didYouMean(closest(key, known), `the known keys are ${known.join(', ')}`);
  return { code: 'UNKNOWN_KEY', path, atKey: true, problem, remedy };
}

function missingKey(path: DocumentPath): DocumentProblem<'MISSING_KEY'> {
  const key = String(path.at(-1));
  return { code: 'MISSING_KEY', path, problem: `${key} is missing`, remedy: `add ${key}: ...` };
}

function wrongValue(
  value: unknown,
  issue: Issue,
  source: string | undefined,
): ValueProblem<'WRONG_TYPE' | 'UNQUOTED_VALUE'> {
  const isPlain = typeof value === 'number' || typeof value === 'boolean';
  if (isPlain && issue.code === 'invalid_type' && issue.expected === 'string') {
    return unquoted(value, source ?? String(value));
  }
  if (issue.code === 'too_small' && issue.origin !== 'number') {
    const [what, part] = issue.origin === 'array' ? ['list', 'item'] : ['text', 'character'];
    return {
      code: 'WRONG_TYPE',
      problem: `the ${what} is empty`,
      remedy: `write at least one ${part}`,
    };
  }
  const expected = issue.code === 'invalid_type' ? issue.expected : 'another value';
  const problem = `this is ${describe(value)}`;
  return { code: 'WRONG_TYPE', problem, remedy: `write ${NAMES[expected] ?? expected}` };
}

function unquoted(value: number | boolean, written: string): ValueProblem<'UNQUOTED_VALUE'> {
  const type = typeof value;
  const read = written === String(value) ? `a ${type}` : `the ${type} ${String(value)}`;
  return {
    code: 'UNQUOTED_VALUE',
    problem: `${quote(written).slice(1, -1)} was read as ${read}`,
    remedy: `put it in quotes: ${quote(written)}`,
  };
}

const NAMES: Readonly<Record<string, string>> = {
  string: 'text',
  array: 'a list',
  object: 'a mapping of keys to values',
  record: 'a mapping of keys to values',
  boolean: 'true or false',
};

function describe(value: unknown): string {
  if (value === null || value === undefined) return 'empty';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a mapping';
  return typeof value === 'string' ? 'text' : `a ${typeof value}`;
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
