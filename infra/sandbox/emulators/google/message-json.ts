import type { z } from 'zod';
import { ApiError } from './api-error.ts';

/** Fields whose values are maps, in every message that has them. */
export const MAP_FIELDS: ReadonlySet<string> = new Set([
  'attributeMapping',
  'cleanupPolicies',
  'headers',
  'labels',
  'substitutions',
]);

const PROTO_TYPES: Readonly<Record<string, string>> = {
  string: 'TYPE_STRING',
  boolean: 'TYPE_BOOL',
  number: 'TYPE_INT32',
  int: 'TYPE_INT32',
};

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
  const field = protoPath(root === '' ? issue.path : [root, ...issue.path]);
  if (issue.code === 'unrecognized_keys') {
    const place = field === '' ? '' : ` at '${field}'`;
    return issue.keys.map((key) => ({
      field,
      description: `Invalid JSON payload received. Unknown name "${key}"${place}: Cannot find field.`,
    }));
  }
  const shown = JSON.stringify(issue.input) as string | undefined;
  return [{ field, description: `Invalid value at '${field}' (${typeOf(issue)}), ${shown ?? ''}` }];
}

/** The expected type. A schema of a single value has it, or its own rule, as its message. */
function typeOf(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_value') return 'TYPE_ENUM';
  if (issue.code === 'invalid_type') return PROTO_TYPES[issue.expected] ?? 'TYPE_MESSAGE';
  if (issue.code === 'invalid_key') return issue.issues[0]?.message ?? issue.message;
  return issue.message;
}

/** `repository.cleanup_policies.old.condition`: fields have the names of the proto file. */
function protoPath(path: readonly PropertyKey[]): string {
  const names = path.map((segment, at) => {
    const isKey = MAP_FIELDS.has(String(path[at - 1]));
    const name = String(segment);
    return isKey ? name : name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  });
  return names.join('.');
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
  const fields = Object.entries(message).flatMap(([name, value]: [string, unknown]) => {
    const isMap = MAP_FIELDS.has(name);
    if (isDefault(value) || (isMap && isEmpty(value))) return [];
    return [[name, isMap ? eachEntry(value) : inside(value)]];
  });
  return Object.fromEntries(fields) as object;
}

function isDefault(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0;
  return [undefined, false, 0, ''].includes(value as string);
}

function isEmpty(map: unknown): boolean {
  return Object.keys(map as object).length === 0;
}

function inside(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inside);
  return typeof value === 'object' && value !== null ? messageJson(value) : value;
}

function eachEntry(map: unknown): object {
  const entries = Object.entries(map as object);
  return Object.fromEntries(entries.map(([key, value]) => [key, inside(value)]));
}
