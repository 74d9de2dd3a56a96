import { z } from 'zod';

/** The most problems that are looked for: far more than are printed, and still found in no time. */
export const MAX_PROBLEMS = 1000;

/** A problem by its path in a document; `placeProblem` adds line and column. */
export interface DocumentProblem<Code extends string> extends ValueProblem<Code> {
  readonly path: DocumentPath;
  /** Points at the key instead of its value. */
  readonly atKey?: true;
}

/** A problem of one value, wherever the value stands. */
export interface ValueProblem<Code extends string> {
  readonly code: Code;
  readonly problem: string;
  readonly remedy: string;
}

/** Checks a value that has the right type; `undefined` when it is fine. */
export type ValueRule<Code extends string, Value = string> = (
  value: Value,
) => ValueProblem<Code> | undefined;

/**
 * Adds a rule to a schema. The rule's code and remedy travel in the issue's `params`. `path` leads to the
 * part of the value that the rule is about.
 */
export function ruled<Schema extends z.ZodType>(
  schema: Schema,
  rule: ValueRule<string, z.output<Schema>>,
  path: readonly string[] = [],
): Schema {
  return schema.check(({ value, issues }) => {
    const found = rule(value);
    if (found === undefined) return;
    const params = { code: found.code, remedy: found.remedy };
    issues.push({ code: 'custom', path: [...path], input: value, message: found.problem, params });
  });
}

/** The schema of text under a rule. */
export function ruledText(rule: ValueRule<string>): z.ZodString {
  return ruled(z.string(), rule);
}

/** 1-based line and column. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** The way to a value in a YAML document: keys and, in lists, 0-based positions. */
export type DocumentPath = readonly (string | number)[];

const PLAIN_KEY = /^[A-Za-z_][A-Za-z0-9_-]*$/;

/** `images[2].args.KEY`; keys that would read as something else are quoted: `args["a.b"]`. */
export function formatDocumentPath(path: DocumentPath): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number' || !PLAIN_KEY.test(part)) {
      return `${text}[${JSON.stringify(part)}]`;
    }
    return text === '' ? part : `${text}.${part}`;
  }, '');
}
