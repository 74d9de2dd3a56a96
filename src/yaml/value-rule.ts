import { z } from 'zod';

/** What is wrong with one value, where the path does not matter. */
export interface Flaw<Code extends string> {
  readonly code: Code;
  readonly problem: string;
  readonly remedy: string;
}

/** Looks at one value that has the right type; `undefined` when it is fine. */
export type ValueRule<Code extends string, Value = string> = (
  value: Value,
) => Flaw<Code> | undefined;

/** A value under a rule of ours. The rule's code and remedy travel in the issue's `params`. */
export function ruled<Schema extends z.ZodType>(
  schema: Schema,
  rule: ValueRule<string, z.output<Schema>>,
): Schema {
  return schema.check(({ value, issues }) => {
    const flaw = rule(value);
    if (flaw === undefined) return;
    const { code, problem, remedy } = flaw;
    const params = { code, remedy };
    issues.push({ code: 'custom', input: value, message: problem, params });
  });
}

/** Text under a rule of ours. */
export function ruledText(rule: ValueRule<string>): z.ZodString {
  return ruled(z.string(), rule);
}
