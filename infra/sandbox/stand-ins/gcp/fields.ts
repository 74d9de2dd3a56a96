import {
  containsUnknown,
  isList,
  UNKNOWN,
  type CheckFailure,
  type Properties,
  type PropertyValue,
} from '../../../oci/protocol/resource-type.ts';
import { present, sameValue } from './property.ts';
import type { Settings } from './settings.ts';

type Value = PropertyValue | undefined;

/** One input of a resource, as the official plug-in understands it. */
interface Field {
  readonly type: 'string' | 'boolean' | 'list' | 'object';
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
  /** The one value that the stand-in has. */
  readonly only?: string | boolean;
  /** Whether two values mean the same; `sameValue` if absent. */
  readonly same?: (was: Value, wanted: Value) => boolean;
  /** Whether outputs that follow from it differ. */
  readonly alsoDiffers?: (was: Properties, desired: Properties) => boolean;
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
export const NAME: Field = { type: 'string', required: true, replaces: true };

/** The project that a resource is in. */
export const PROJECT: Field = { ...NAME, fallback: ({ project }) => project };

/** The region or multi-region that a resource is in. */
export const LOCATION: Field = { ...NAME, fallback: ({ region }) => region };

/** Whether the engine may delete the resource. */
export const DELETION_POLICY: Field = {
  type: 'string',
  local: true,
  only: 'DELETE',
  fallback: () => 'DELETE',
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
 * @param desired the inputs and planned outputs of this run
 */
export function changedFields(
  fields: Fields,
  { oldInputs, was, desired }: { oldInputs: Properties; was: Properties; desired: Properties },
): string[] {
  const isChanged = ([name, field]: [string, Field]) => {
    const value = desired[name];
    // Google's choice is right, but not the value that the program has just taken back.
    if (value === undefined && field.computed === true) return oldInputs[name] !== undefined;
    if (containsUnknown(value) || field.alsoDiffers?.(was, desired) === true) return true;
    return !sameIn(field, was[name], value);
  };
  return Object.entries(fields)
    .filter(isChanged)
    .map(([name]) => name);
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
  return present(Object.keys(isImport ? fields : oldInputs), (name) =>
    sameIn(fields[name], outputs[name], oldInputs[name]) ? oldInputs[name] : outputs[name],
  );
}

function sameIn(field: Field | undefined, was: Value, wanted: Value): boolean {
  return (field?.same ?? sameValue)(was, wanted);
}

function problemOf({ type, required, only }: Field, value: Value): string | undefined {
  if (value === UNKNOWN) return undefined;
  if (value === undefined) return required && 'is missing: set it, here or in the gcp settings';
  if ((isList(value) ? 'list' : typeof value) !== type) return `must be a ${type}`;
  return only === undefined || value === only ? undefined : `must be ${only}`;
}
