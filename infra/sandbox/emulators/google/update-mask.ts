import { invalidArgument } from './api-error.ts';

/**
 * The stored resource with the masked fields as the body has them; a field that is in the mask but
 * not in the body is cleared. Without a mask, the fields of the body are taken.
 *
 * @param mask the query parameter: comma-separated paths in JSON or proto names, or `*`
 * @param mutable the top-level fields that may change; any other is an INVALID_ARGUMENT
 */
export function applyMask<T extends object>(
  stored: T,
  body: object,
  mask: string | undefined,
  mutable: readonly string[],
): T {
  const given = mask === undefined || mask === '' ? Object.keys(body) : pathsOf(mask, mutable);
  const paths =
    mask === undefined || mask === '' ? given.filter((f) => mutable.includes(f)) : given;
  const changed = structuredClone(stored) as Record<string, unknown>;
  for (const path of paths) {
    const [field = ''] = path.split('.');
    if (!mutable.includes(field)) {
      throw invalidArgument(`Invalid value at 'update_mask': "${path}" can't be updated.`);
    }
    copyField(changed, body, path.split('.'));
  }
  return changed as T;
}

function pathsOf(mask: string, mutable: readonly string[]): readonly string[] {
  if (mask === '*') return mutable;
  return mask.split(',').map((path) => {
    // Only field names have two spellings; the key of a map is what it is.
    const [field = '', ...rest] = path.trim().split('.');
    const name = field.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
    return [name, ...rest].join('.');
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
