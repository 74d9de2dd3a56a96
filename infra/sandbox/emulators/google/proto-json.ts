import { MAP_FIELDS } from './map-fields.ts';

/**
 * An answer as Google's JSON has it: fields with the default of their type (false, 0, empty text,
 * empty lists and maps) are left out, so that an empty listing is `{}`. The entries of maps stay
 * whatever they hold, and so do messages: an empty one says something else than none.
 */
export function protoJson(message: object): object {
  const fields = Object.entries(message).flatMap(([name, value]) => {
    const isMap = MAP_FIELDS.has(name);
    if (isDefault(value) || (isMap && isEmpty(value))) return [];
    return [[name, isMap ? eachEntry(value) : inside(value)]];
  });
  return Object.fromEntries(fields) as object;
}

function isDefault(value: unknown): boolean {
  return [undefined, false, 0, ''].includes(value as string) || isEmptyList(value);
}

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}

function isEmpty(value: unknown): boolean {
  return Object.keys(value as object).length === 0;
}

function inside(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inside);
  return typeof value === 'object' && value !== null ? protoJson(value) : value;
}

function eachEntry(map: unknown): object {
  const entries = Object.entries(map as object);
  return Object.fromEntries(entries.map(([key, value]) => [key, inside(value)]));
}
