import {
  isList,
  isObject,
  UNKNOWN,
  type CheckFailure,
  type Properties,
  type PropertyValue,
} from '../../../oci/protocol/resource-type.ts';
import type { Field, Fields } from './field.ts';
import type { Settings } from './settings.ts';

/** Completes the inputs with what the plug-in chooses for the program, and finds what is wrong. */
export function checkFields(
  fields: Fields,
  { urn, olds, news }: { urn: string; olds: Properties | undefined; news: Properties },
  settings: Settings,
): { inputs: Properties; failures: CheckFailure[] } {
  const inputs: Record<string, PropertyValue> = {};
  const failures: CheckFailure[] = [];
  for (const [property, field] of Object.entries(fields)) {
    const value =
      news[property] ?? field.fallback?.(settings) ?? inventedText(field, urn, olds?.[property]);
    if (value !== undefined) inputs[property] = value;
    const reason = problemOf(field, value);
    if (reason !== undefined) failures.push({ property, reason });
  }
  for (const property of Object.keys(news)) {
    if (property in fields || property.startsWith('__') || news[property] === null) continue;
    failures.push({ property, reason: 'is not in the stand-in for the gcp plug-in' });
  }
  return { inputs, failures };
}

function problemOf(field: Field, value: PropertyValue | undefined): string | undefined {
  if (value === UNKNOWN) return undefined;
  if (value === undefined) {
    if (field.required === undefined) return undefined;
    const setting = field.fallback === undefined ? '' : ', here or in the gcp settings';
    return `is missing: set it${setting}`;
  }
  if (!isOfType(field, value)) return `must be a ${field.type}`;
  if (field.oneOf !== undefined && !field.oneOf.some((one) => one === value)) {
    return `must be one of ${field.oneOf.join(', ')}`;
  }
  return field.problem?.(value);
}

function isOfType({ type }: Field, value: PropertyValue): boolean {
  switch (type) {
    case 'text':
      return typeof value === 'string';
    case 'flag':
      return typeof value === 'boolean';
    case 'number':
      return typeof value === 'number';
    case 'list':
      return isList(value);
    case 'object':
      return isObject(value);
  }
}

/** What was made up in the first run stays. */
function inventedText({ named }: Field, urn: string, old: PropertyValue | undefined) {
  if (named === undefined) return undefined;
  return typeof old === 'string' ? old : named(urn.split('::').at(-1) ?? '');
}
