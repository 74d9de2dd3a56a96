import {
  containsUnknown,
  isList,
  isObject,
  UNKNOWN,
  type CheckFailure,
  type Properties,
  type PropertyValue,
} from '../../../oci/protocol/resource-type.ts';
import { sameValue } from './property.ts';
import type { Settings } from './settings.ts';

type Value = PropertyValue | undefined;

/** One input of a resource, as the official plug-in understands it. */
export interface Field {
  readonly type: 'text' | 'flag' | 'list' | 'object';
  /** The program must set it. */
  readonly required?: true;
  /** An update in place cannot change it. */
  readonly replaces?: true;
  /** Google chooses the value where the program does not. */
  readonly computed?: true;
  /** Only the plug-in and the state know it: no request has it. */
  readonly local?: true;
  /** The value where the program does not set it. */
  readonly fallback?: (settings: Settings) => Value;
  readonly oneOf?: readonly (string | boolean)[];
  /** Whether two values mean the same; `sameValue` if absent. */
  readonly same?: (was: Value, wanted: Value) => boolean;
  /** Google's name for it, where that is another one. */
  readonly remote?: string;
  /** What Google means when it leaves the field out. */
  readonly absent?: PropertyValue;
  /** Makes the value of a request of all inputs and planned outputs. */
  readonly send?: (desired: Properties) => Value;
  /** Makes the output of a value in a response. */
  readonly receive?: (value: Value) => Value;
}

export type Fields = Readonly<Record<string, Field>>;

/** A name, or a part of one. */
export const NAME: Field = { type: 'text', required: true, replaces: true };

/** The project that a resource is in. */
export const PROJECT: Field = { ...NAME, fallback: ({ project }) => project };

/** The region or multi-region that a resource is in. */
export const LOCATION: Field = { ...PROJECT, fallback: ({ region }) => region };

/** Whether the engine may delete the resource (DELETE), must not (PREVENT), or only forgets it (ABANDON). */
export const DELETION_POLICY: Field = {
  type: 'text',
  local: true,
  oneOf: ['DELETE', 'PREVENT', 'ABANDON'],
  fallback: ({ deletionPolicy }) => deletionPolicy,
};

/** Completes the program's inputs with fallbacks, and finds the problems with them. */
export function checkFields(fields: Fields, news: Properties, settings: Settings) {
  const inputs: Record<string, PropertyValue> = {};
  const failures: CheckFailure[] = [];
  for (const [property, field] of Object.entries(fields)) {
    const value: Value = news[property] ?? field.fallback?.(settings);
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

/**
 * The fields that differ between the state and the inputs of this run. After a refresh, changes that
 * others made are among them.
 *
 * @param oldInputs the inputs of the last run
 */
export function changedFields(
  fields: Fields,
  { oldInputs, was, wanted }: { oldInputs: Properties; was: Properties; wanted: Properties },
): string[] {
  return Object.entries(fields).flatMap(([name, field]) => {
    const value = wanted[name];
    // Google's choice is right, but not the value that the program has just taken back.
    const isGoogles = value === undefined && field.computed === true;
    const isSame = isGoogles
      ? oldInputs[name] === undefined
      : !containsUnknown(value) && sameIn(field, was[name], value);
    return isSame ? [] : [name];
  });
}

/**
 * The inputs that describe the result of a refresh: those of the last run, except where Google
 * has something that means something else. An import, which has no last run, gets all of them.
 */
export function refreshedInputs(
  fields: Fields,
  oldInputs: Properties,
  outputs: Properties,
): Properties {
  const isImport = Object.keys(oldInputs).length === 0;
  const entries = Object.keys(isImport ? fields : oldInputs).flatMap((name) => {
    const isSame = sameIn(fields[name], outputs[name], oldInputs[name]);
    const value: Value = isSame ? oldInputs[name] : outputs[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(entries);
}

function sameIn(field: Field | undefined, was: Value, wanted: Value): boolean {
  return (field?.same ?? sameValue)(was, wanted);
}

function problemOf({ type, required, fallback, oneOf }: Field, value: Value) {
  if (value === UNKNOWN) return undefined;
  if (value === undefined) {
    if (required === undefined) return undefined;
    return `is missing: set it${fallback === undefined ? '' : ', here or in the gcp settings'}`;
  }
  if (!IS_OF_TYPE[type](value)) return `must be a ${type}`;
  const isListed = oneOf?.some((one) => one === value) ?? true;
  return isListed ? undefined : `must be one of ${String(oneOf)}`;
}

const IS_OF_TYPE: Readonly<Record<Field['type'], (value: PropertyValue) => boolean>> = {
  text: (value) => typeof value === 'string',
  flag: (value) => typeof value === 'boolean',
  list: isList,
  object: isObject,
};
