import type { Properties, PropertyValue } from './resource-type.ts';

export function isObject(value: PropertyValue | undefined): value is Properties {
  return typeof value === 'object' && value !== null && !isList(value);
}

export function isList(value: PropertyValue | undefined): value is readonly PropertyValue[] {
  return Array.isArray(value);
}
