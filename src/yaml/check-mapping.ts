import { z } from 'zod';
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

/** A value of a document, and its path. */
export interface DocumentPart {
  readonly raw: unknown;
  readonly path: DocumentPath;
  readonly document: Pick<YamlDocument, 'scalarAt'>;
}

/**
 * Parses a mapping by its schema, and explains the issues. `codes` are those of the schema's value rules
 * (see `ruledText`).
 */
export function checkMapping<Schema extends z.ZodObject, Code extends string>(
  schema: Schema,
  { raw, path, document }: DocumentPart,
  codes: readonly Code[],
) {
  const { data, error } = schema.safeParse(raw);
  const issues = (error?.issues ?? []).flatMap(ofLikelyOption);
  const problems = issues
    .slice(0, MAX_PROBLEMS)
    .flatMap((issue): DocumentProblem<Code | ShapeCode>[] => {
      const below = issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part));
      const at = [...path, ...below];
      if (issue.code === 'unrecognized_keys') {
        const known = keysAt(schema, issue.path);
        return issue.keys.slice(0, MAX_PROBLEMS).map((key) => unknownKey([...at, key], key, known));
      }
      if (issue.code === 'invalid_key') {
        return issue.issues.map((key) => ({ ...ruleProblem(key, codes), path: at, atKey: true }));
      }
      if (issue.code === 'custom') return [{ ...ruleProblem(issue, codes), path: at }];
      const value = valueAt(raw, below);
      if (issue.code === 'invalid_type' && value === undefined) return [missingKey(at)];
      return [{ ...wrongValue(value, issue, document.scalarAt(at)?.spelling), path: at }];
    })
    .slice(0, MAX_PROBLEMS);
  return { data, issues, problems };
}

/** The keys that a mapping has at a path below a schema. */
function keysAt(
  schema: z.core.$ZodType | undefined,
  path: readonly PropertyKey[],
): readonly string[] {
  const [key, ...rest] = path;
  if (schema instanceof z.ZodOptional) return keysAt(schema.unwrap(), path);
  if (schema instanceof z.ZodUnion) return schema.options.flatMap((option) => keysAt(option, path));
  if (schema instanceof z.ZodArray) return keysAt(schema.element, rest);
  if (schema instanceof z.ZodRecord) return keysAt(schema.valueType, rest);
  if (!(schema instanceof z.ZodObject)) return [];
  const shape = schema.shape as z.ZodRawShape;
  return key === undefined ? Object.keys(shape) : keysAt(shape[String(key)], rest);
}

/** The issues of a value that fits no option of a union: those of the option that has its type. */
function ofLikelyOption(issue: Issue): readonly Issue[] {
  if (issue.code !== 'invalid_union') return [issue];
  const option = issue.errors.find(
    ([first]) => first?.code !== 'invalid_type' || first.path.length > 0,
  );
  return (option ?? issue.errors[0] ?? []).map((inner) => {
    return { ...inner, path: [...issue.path, ...inner.path] };
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

/** The problem of a key that is not there; the remedy shows an `example` of its value. */
export function missingKey(path: DocumentPath, example = '...'): DocumentProblem<'MISSING_KEY'> {
  const key = String(path.at(-1));
  const remedy = `add ${key}: ${example}`;
  return { code: 'MISSING_KEY', path, problem: `${key} is missing`, remedy };
}

function wrongValue(
  value: unknown,
  issue: Issue,
  spelling: string | undefined,
): ValueProblem<'WRONG_TYPE' | 'UNQUOTED_VALUE'> {
  const isPlain = typeof value === 'number' || typeof value === 'boolean';
  if (isPlain && issue.code === 'invalid_type' && issue.expected === 'string') {
    return unquoted(value, spelling ?? String(value));
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

function unquoted(value: number | boolean, spelling: string): ValueProblem<'UNQUOTED_VALUE'> {
  const type = typeof value;
  const read = spelling === String(value) ? `a ${type}` : `the ${type} ${String(value)}`;
  return {
    code: 'UNQUOTED_VALUE',
    problem: `${quote(spelling).slice(1, -1)} was read as ${read}`,
    remedy: `put it in quotes: ${quote(spelling)}`,
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

function valueAt(value: unknown, path: DocumentPath): unknown {
  return path.reduce<unknown>((at, part) => {
    if (Array.isArray(at) && typeof part === 'number') return at[part] as unknown;
    return isMapping(at) && Object.hasOwn(at, part) ? at[part] : undefined;
  }, value);
}
