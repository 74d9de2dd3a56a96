import { isDeepStrictEqual } from 'node:util';
import {
  isList,
  isObject,
  type Properties,
  type PropertyValue,
} from '../../../oci/protocol/resource-type.ts';

type Value = PropertyValue | undefined;

/** A property that is a text; empty where it is absent, not known yet, or no text. */
export function textOf(properties: Properties, name: string): string {
  const value = properties[name];
  return typeof value === 'string' ? value : '';
}

/** The texts of a list; none where it is absent, not known yet, or no list. */
export function textsOf(properties: Properties, name: string): string[] {
  const value: unknown = properties[name];
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

/** A property that is an object; empty where it is none. */
export function objectOf(properties: Properties, name: string): Properties {
  const value = properties[name];
  return isObject(value) ? value : {};
}

/** An object with only the properties of these names. */
export function pick(properties: Properties, names: readonly string[]): Properties {
  const entries = Object.entries(properties).filter(([name]) => names.includes(name));
  return Object.fromEntries(entries);
}

/**
 * A value without its empty parts. Null, false, and empty texts, lists and objects mean the same as
 * absent ones, to Google (which leaves them out of its responses) and to the official plug-in.
 */
export function settled(value: Value): Value {
  if (value === undefined || value === null || value === false || value === '') return undefined;
  if (isList(value)) {
    return value.length === 0 ? undefined : value.map((item) => settled(item) ?? '');
  }
  if (!isObject(value)) return value;
  const entries = Object.entries(value).flatMap(([key, inner]) => {
    const kept = settled(inner);
    return kept === undefined ? [] : [[key, kept] as const];
  });
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

/** Whether two values mean the same. */
export function sameValue(was: Value, wanted: Value): boolean {
  return isDeepStrictEqual(settled(was), settled(wanted));
}

/** Like `sameValue`, for lists of texts whose order and repetitions mean nothing. */
export function sameSet(was: Value, wanted: Value): boolean {
  return sameValue(sorted(was), sorted(wanted));
}

/** Like `sameValue`, where a full resource name and its last part mean the same. */
export function sameName(was: Value, wanted: Value): boolean {
  if (typeof was !== 'string' || typeof wanted !== 'string') return sameValue(was, wanted);
  if (was.includes('/') && wanted.includes('/')) return was === wanted;
  return was.split('/').at(-1) === wanted.split('/').at(-1);
}

function sorted(value: Value): Value {
  if (!isList(value) || !value.every((item) => typeof item === 'string')) return value;
  return [...new Set(value)].sort();
}
