import type { z } from 'zod';
import { ApiError } from './api-error.ts';
import { MAP_FIELDS } from './map-fields.ts';

const PROTO_TYPES: Readonly<Record<string, string>> = {
  string: 'TYPE_STRING',
  boolean: 'TYPE_BOOL',
  number: 'TYPE_INT32',
  int: 'TYPE_INT32',
};

type Issue = z.core.$ZodIssue;

/**
 * Checks the shape of a JSON body, as Google's front end does before a service sees it: every wrong
 * field is named in one INVALID_ARGUMENT. `root` is the body's name in the request message.
 */
export function parseBody<T>(schema: z.ZodType<T>, body: unknown, root = ''): T {
  const present = withoutNulls(body);
  const parsed = schema.safeParse(present, { reportInput: true });
  if (parsed.success) return parsed.data;
  const violations = parsed.error.issues.flatMap((issue) => violationsOf(issue, root, present));
  throw new ApiError(
    'INVALID_ARGUMENT',
    violations.map(({ description }) => description).join('\n'),
    [{ '@type': 'type.googleapis.com/google.rpc.BadRequest', fieldViolations: violations }],
  );
}

/** In a message's JSON, a null says the same as no field at all. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== 'object' || value === null) return value;
  const present = Object.entries(value).filter(([, field]) => field !== null);
  return Object.fromEntries(present.map(([name, field]) => [name, withoutNulls(field)]));
}

function violationsOf(issue: Issue, root: string, body: unknown) {
  const field = protoPath(issue.path, root, body);
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      field,
      description:
        `Invalid JSON payload received. Unknown name "${key}"` +
        `${field === '' ? '' : ` at '${field}'`}: Cannot find field.`,
    }));
  }
  const shown = JSON.stringify(issue.input) as string | undefined;
  return [{ field, description: `Invalid value at '${field}' (${typeOf(issue)}), ${shown ?? ''}` }];
}

function typeOf(issue: Issue): string {
  if (issue.code === 'invalid_value') return 'TYPE_ENUM';
  if (issue.code === 'invalid_type') return PROTO_TYPES[issue.expected] ?? 'TYPE_MESSAGE';
  // Schemas of single values say their type in their message.
  return issue.message;
}

/** `repository.cleanup_policies[0].value.condition`: the names are those of the proto file. */
function protoPath(path: readonly PropertyKey[], root: string, body: unknown): string {
  let text = root;
  let current = body;
  // The entries of a map are numbered.
  let inMap = false;
  for (const segment of path) {
    const fields = fieldsOf(current);
    const name = String(segment);
    if (typeof segment === 'number') text += `[${segment}]`;
    else if (inMap) text += `[${Object.keys(fields).indexOf(name)}].value`;
    else text += `${text === '' ? '' : '.'}${snakeCase(name)}`;
    inMap = !inMap && MAP_FIELDS.has(name);
    current = fields[name];
  }
  return text;
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

/** A field's name in the proto file. */
function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
