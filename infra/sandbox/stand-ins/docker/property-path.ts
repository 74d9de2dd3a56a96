import {
  isList,
  isObject,
  UNKNOWN,
  type Properties,
  type PropertyValue,
} from '../../../oci/protocol/resource-type.ts';

export type Unknown = typeof UNKNOWN;

/**
 * The value at a path such as `build.context`: `undefined` when it or something above it is absent
 * or null, `UNKNOWN` when it or something above it is not known yet.
 */
export function valueAt(properties: Properties, path: string): PropertyValue | undefined {
  let value: PropertyValue | undefined = properties;
  for (const key of path.split('.')) {
    if (value === UNKNOWN) return UNKNOWN;
    value = isObject(value) ? value[key] : undefined;
  }
  return value ?? undefined;
}

/** Like `valueAt`, for a string; throws for any other type. */
export function textAt(properties: Properties, path: string): string | Unknown | undefined {
  const value = valueAt(properties, path);
  if (value === undefined || value === UNKNOWN || typeof value === 'string') return value;
  throw new Error(`${path} must be a string`);
}

/** Like `valueAt`, for a list of strings, of which any may be unknown; absent is an empty list. */
export function textsAt(
  properties: Properties,
  path: string,
): readonly (string | Unknown)[] | Unknown {
  const value = valueAt(properties, path);
  if (value === undefined) return [];
  if (value === UNKNOWN) return UNKNOWN;
  if (isList(value) && value.every((item) => item === UNKNOWN || typeof item === 'string')) {
    return value;
  }
  throw new Error(`${path} must be a list of strings`);
}

/** Like `valueAt`, for a boolean; absent is false. */
export function flagAt(properties: Properties, path: string): boolean | Unknown {
  const value = valueAt(properties, path) ?? false;
  if (value === UNKNOWN || typeof value === 'boolean') return value;
  throw new Error(`${path} must be true or false`);
}

export function containsUnknown(value: PropertyValue | undefined): boolean {
  if (value === UNKNOWN) return true;
  if (isList(value)) return value.some(containsUnknown);
  return isObject(value) && Object.values(value).some(containsUnknown);
}
