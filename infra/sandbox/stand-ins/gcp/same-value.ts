import { isDeepStrictEqual } from 'node:util';
import { isList, isObject, type PropertyValue } from '../../../oci/protocol/resource-type.ts';

/**
 * A value without what means nothing: null, false, empty texts, lists and objects are as good as
 * absent, to Google (which leaves them out of its answers) as to the official plug-in.
 */
export function settled(value: PropertyValue | undefined): PropertyValue | undefined {
  if (value === undefined || value === null || value === false || value === '') return undefined;
  if (isList(value))
    return value.length === 0 ? undefined : value.map((item) => settled(item) ?? '');
  if (!isObject(value)) return value;
  const entries = Object.entries(value).flatMap(([key, inner]) => {
    const kept = settled(inner);
    return kept === undefined ? [] : [[key, kept] as const];
  });
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

/** Whether two values mean the same. */
export function sameValue(was: PropertyValue | undefined, wanted: PropertyValue | undefined) {
  return isDeepStrictEqual(settled(was), settled(wanted));
}

/** Like `sameValue`, for lists of texts whose order and repetitions mean nothing. */
export function sameSet(was: PropertyValue | undefined, wanted: PropertyValue | undefined) {
  return sameValue(sorted(was), sorted(wanted));
}

/** Like `sameValue`, where a full resource name and its last part mean the same. */
export function sameName(was: PropertyValue | undefined, wanted: PropertyValue | undefined) {
  if (typeof was !== 'string' || typeof wanted !== 'string') return sameValue(was, wanted);
  if (was.includes('/') && wanted.includes('/')) return was === wanted;
  return was.split('/').at(-1) === wanted.split('/').at(-1);
}

function sorted(value: PropertyValue | undefined): PropertyValue | undefined {
  if (!isList(value) || !value.every((item) => typeof item === 'string')) return value;
  return [...new Set(value)].sort();
}
