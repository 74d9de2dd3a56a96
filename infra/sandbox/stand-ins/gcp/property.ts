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

/** An object with the properties of these names that have a value. */
export function present(names: readonly string[], valueOf: (name: string) => Value): Properties {
  const entries = names.flatMap((name) => {
    const value = valueOf(name);
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(entries);
}

/** An object with only the properties of these names. */
export function pick(properties: Properties, names: readonly string[]): Properties {
  return present(names, (name) => properties[name]);
}

/**
 * A value without its empty parts. Null, false, and empty texts, lists and objects mean the same as
 * absent ones, to Google (which leaves them out of its responses) and to the official plug-in.
 */
export function withoutEmptyParts(value: Value): Value {
  if (value === undefined || value === null || value === false || value === '') return undefined;
  if (isList(value)) {
    return value.length === 0 ? undefined : value.map((item) => withoutEmptyParts(item) ?? '');
  }
  if (!isObject(value)) return value;
  const kept = present(Object.keys(value), (name) => withoutEmptyParts(value[name]));
  return Object.keys(kept).length === 0 ? undefined : kept;
}

/** Whether two values mean the same. */
export function sameValue(was: Value, wanted: Value): boolean {
  return isDeepStrictEqual(withoutEmptyParts(was), withoutEmptyParts(wanted));
}

/** Like `sameValue`, for lists of texts whose order and repetitions mean nothing. */
export function sameSet(was: Value, wanted: Value): boolean {
  const sorted = (value: Value) => (isList(value) ? [...new Set(value)].sort() : value);
  return sameValue(sorted(was), sorted(wanted));
}

/** Whether two full resource names, or last parts of some, have the same last part. */
export function sameName(was: Value, wanted: Value): boolean {
  const last = (value: Value) => (typeof value === 'string' ? value.split('/').at(-1) : value);
  return last(was) === last(wanted);
}

const NAMES = /\{(\w+)\}/g;

/** The names in a template such as `projects/{project}/locations/{region}/jobs/{name}`. */
export function namesIn(template: string): string[] {
  return [...template.matchAll(NAMES)].map(([, name = '']) => name);
}

/** The path of the template's form that has these values. */
export function fillPath(template: string, values: Properties): string {
  return template.replaceAll(NAMES, (_, name: string) => textOf(values, name));
}

/** The values in a path of the template's form, by name. Throws for any other path. */
export function valuesIn(template: string, path: string): Readonly<Record<string, string>> {
  const pattern = template.replaceAll(NAMES, '(?<$1>[^/\\s]+)');
  const found = new RegExp(`^${pattern}$`).exec(path);
  if (found === null) throw new Error(`"${path}" is not an id of this type; write ${template}`);
  return { ...found.groups };
}
