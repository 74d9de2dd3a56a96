import { z } from 'zod';
import { ApiError, invalidArgument } from './api-error.ts';

/** Google's JSON of a google.protobuf.Duration, such as `2592000s`; `30d` is none. */
export const Duration = z
  .string()
  .regex(
    /^\d{1,12}(?:\.\d{1,9})?s$/,
    'type.googleapis.com/google.protobuf.Duration; it must end with "s" and not be negative',
  );

/** Milliseconds of a text that `Duration` accepts. */
export function millisecondsOf(duration: string): number {
  return Number(duration.slice(0, -1)) * 1000;
}

/** A text of at most so many characters. */
export function textUpTo(length: number) {
  return z.string().max(length, `at most ${length} characters`);
}

/** Fields whose values are maps, in every message that has them. */
const MAP_FIELDS = new Set(['attributeMapping', 'cleanupPolicies', 'headers', 'labels']);

/**
 * Checks the shape of a JSON body, as Google's front end does before a service sees it. One
 * INVALID_ARGUMENT names every wrong field. `root` is the body's name in the request message.
 */
export function parseBody<T>(schema: z.ZodType<T>, body: unknown, root = ''): T {
  const parsed = schema.safeParse(withoutNulls(body), { reportInput: true });
  if (parsed.success) return parsed.data;
  const fieldViolations = parsed.error.issues.flatMap((issue) => violationsOf(issue, root));
  throw new ApiError(
    'INVALID_ARGUMENT',
    fieldViolations.map(({ description }) => description).join('\n'),
    [{ '@type': 'type.googleapis.com/google.rpc.BadRequest', fieldViolations }],
  );
}

/** In the JSON of a message, a null and an absent field mean the same. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== 'object' || value === null) return value;
  const present = Object.entries(value).filter(([, field]) => field !== null);
  return Object.fromEntries(present.map(([name, field]) => [name, withoutNulls(field)]));
}

function violationsOf(issue: z.core.$ZodIssue, root: string) {
  const field = (root === '' ? issue.path : [root, ...issue.path]).join('.');
  if (issue.code === 'unrecognized_keys') {
    const place = field === '' ? '' : ` at '${field}'`;
    return issue.keys.map((key) => ({
      field,
      description: `Invalid JSON payload received. Unknown name "${key}"${place}: Cannot find field.`,
    }));
  }
  const { message } = issue.code === 'invalid_key' ? (issue.issues[0] ?? issue) : issue;
  const shown = JSON.stringify(issue.input) as string | undefined;
  return [{ field, description: `Invalid value at '${field}' (${message}), ${shown ?? ''}` }];
}

/** A field's name in JSON, of its name in the proto file. */
export function jsonName(name: string): string {
  return name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/**
 * A response as Google's JSON has it. Fields with the default of their type (false, 0, empty text,
 * empty lists and maps) are left out, so that an empty listing is `{}`. Entries of maps and messages
 * stay, whatever they hold: an empty message differs from none.
 */
export function messageJson(message: object): object {
  const fields = Object.entries(message)
    .map(([name, value]) => [name, valueJson(value, MAP_FIELDS.has(name))] as const)
    .filter(([, value]) => !isDefault(value));
  return Object.fromEntries(fields);
}

/** `undefined` for an empty map. */
function valueJson(value: unknown, isMap = false): unknown {
  if (Array.isArray(value)) return value.map((item) => valueJson(item));
  if (typeof value !== 'object' || value === null) return value;
  if (!isMap) return messageJson(value);
  const entries = Object.entries(value).map(([key, entry]) => [key, valueJson(entry)] as const);
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

function isDefault(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0;
  return [undefined, false, 0, ''].includes(value as string);
}

const LARGEST_PAGE = 1000;

/**
 * One page of a listing in the field `field`: `pageSize` items (100 if absent, 1000 at most), and
 * the token of the next page, absent on the last.
 */
export function listing(
  field: string,
  items: readonly object[],
  query: ReadonlyMap<string, string>,
): object {
  const [size = 0, start = 0] = ['pageSize', 'pageToken'].map((name) => {
    const value = Number(query.get(name) ?? 0);
    if (Number.isInteger(value) && value >= 0) return value;
    throw invalidArgument(`Invalid ${name}.`);
  });
  const end = start + Math.min(size || 100, LARGEST_PAGE);
  return {
    [field]: items.slice(start, end),
    nextPageToken: end < items.length ? String(end) : undefined,
  };
}
