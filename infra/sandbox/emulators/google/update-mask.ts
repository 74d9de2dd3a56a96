import { invalidArgument } from './api-error.ts';
import { jsonName, MAP_FIELDS } from './message-json.ts';

/**
 * The stored resource with the masked fields as the body has them. A field that is in the mask but
 * not in the body is cleared. Without a mask, the fields of the body are taken.
 *
 * @param mask comma-separated paths in JSON or proto names, or `*`
 * @param mutable the top-level fields that may change; any other is an INVALID_ARGUMENT
 */
export function applyMask<T extends object>(
  stored: T,
  body: object,
  mask: string | undefined,
  mutable: readonly string[],
): T {
  const changed = structuredClone(stored) as Record<string, unknown>;
  for (const path of pathsOf(body, mask, mutable)) {
    const [field = ''] = path;
    if (!mutable.includes(field)) {
      throw invalidArgument(`Invalid value at 'update_mask': "${field}" can't be updated.`);
    }
    copyField(changed, body, path);
  }
  return changed as T;
}

function pathsOf(
  body: object,
  mask: string | undefined,
  mutable: readonly string[],
): readonly (readonly string[])[] {
  if (mask === '*') return mutable.map((field) => [field]);
  if (mask === undefined || mask === '') {
    const given = Object.keys(body).filter((field) => mutable.includes(field));
    return given.map((field) => [field]);
  }
  return mask.split(',').map((path) => {
    // Only names of fields have two spellings, the key of a map has one.
    const [field = '', ...rest] = path.trim().split('.');
    const name = jsonName(field);
    return [name, ...(MAP_FIELDS.has(name) ? rest : rest.map(jsonName))];
  });
}

function copyField(
  target: Record<string, unknown>,
  source: unknown,
  path: readonly string[],
): void {
  const [field = '', ...rest] = path;
  const from = isRecord(source) ? source[field] : undefined;
  if (rest.length > 0) {
    const inner = isRecord(target[field]) ? target[field] : {};
    target[field] = inner;
    copyField(inner, from, rest);
  } else if (from === undefined) {
    Reflect.deleteProperty(target, field);
  } else {
    target[field] = structuredClone(from);
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
