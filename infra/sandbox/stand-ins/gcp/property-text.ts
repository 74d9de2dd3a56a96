import type { Properties } from '../../../oci/protocol/resource-type.ts';

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

/** An object with only the properties of these names. */
export function pick(properties: Properties, names: readonly string[]): Properties {
  const entries = Object.entries(properties).filter(([name]) => names.includes(name));
  return Object.fromEntries(entries);
}

/** An object without the property of that name. */
export function omit(properties: Properties, name: string): Properties {
  return Object.fromEntries(Object.entries(properties).filter(([other]) => other !== name));
}
