import type { z } from 'zod';
import { ApiError, invalidArgument } from './api-error.ts';

/** Fields whose values are maps, in every message that has them. */
const MAP_FIELDS: ReadonlySet<string> = new Set([
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
 * The stored resource with the masked fields as the body has them. A field that is in the mask but
 * not in the body is cleared. Without a mask, the fields of the body are taken. A path into a field
 * stands for the whole field, which every plug-in sends with it.
 *
 * @param mask comma-separated paths in JSON or proto names, or `*`
 * @param mutable the fields that may change; any other in the mask is an INVALID_ARGUMENT
 */
export function applyMask<T extends object>(
  stored: T,
  body: object,
  mask: string | undefined,
  mutable: readonly string[],
): T {
  const fields = fieldsOf(mask, body, mutable);
  const foreign = fields.find((field) => !mutable.includes(field));
  if (foreign !== undefined) {
    throw invalidArgument(`Invalid value at 'update_mask': "${foreign}" can't be updated.`);
  }
  const kept = Object.entries(stored).filter(([field]) => !fields.includes(field));
  const taken = Object.entries(body).filter(([field]) => fields.includes(field));
  return Object.fromEntries([...kept, ...taken]) as T;
}

function fieldsOf(
  mask: string | undefined,
  body: object,
  mutable: readonly string[],
): readonly string[] {
  if (mask === '*') return mutable;
  if (mask === undefined || mask === '') {
    return Object.keys(body).filter((field) => mutable.includes(field));
  }
  return mask.split(',').map((path) => jsonName(path.trim().replace(/\..*/, '')));
}

/**
 * A response as Google's JSON has it. Fields with the default of their type (false, 0, empty text,
 * empty lists and maps) are left out, so that an empty listing is `{}`. Entries of maps and messages
 * stay, whatever they hold: an empty message differs from none.
 */
export function messageJson(message: object): object {
  const fields = Object.entries(message).map(([name, value]: [string, unknown]) => {
    return [name, MAP_FIELDS.has(name) ? mapJson(value) : valueJson(value)] as const;
  });
  return Object.fromEntries(fields.filter(([, value]) => !isDefault(value))) as object;
}

function valueJson(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(valueJson);
  return typeof value === 'object' && value !== null ? messageJson(value) : value;
}

/** `undefined` for an empty map. */
function mapJson(map: unknown): object | undefined {
  const entries = Object.entries(map ?? {}).map(([key, value]) => [key, valueJson(value)] as const);
  return entries.length === 0 ? undefined : (Object.fromEntries(entries) as object);
}

function isDefault(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0;
  return [undefined, false, 0, ''].includes(value as string);
}
