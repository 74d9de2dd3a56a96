import type { Difference, Properties, PropertyValue } from '../../../oci/protocol/resource-type.ts';
import { containsUnknown } from '../docker/image-inputs.ts';
import type { Field, Fields } from './field.ts';
import { sameValue } from './same-value.ts';

/**
 * Compares what is there, as the state has it, with what the program wants. What changed behind the
 * engine's back is a difference too, once a refresh has read it.
 */
export function diffFields(fields: Fields, was: Properties, wanted: Properties): Difference {
  const changed = Object.keys(fields).filter((property) =>
    differs(fields[property], was[property], wanted[property]),
  );
  return { changed, replaces: changed.filter((property) => fields[property]?.replaces === true) };
}

/**
 * The inputs as they would have to be to ask for what is there: those of the last run, with what
 * Google has now where it means something else. Without a last run, in an import, all there is.
 */
export function refreshedInputs(
  fields: Fields,
  oldInputs: Properties,
  outputs: Properties,
): Properties {
  const isImport = Object.keys(oldInputs).length === 0;
  const names = Object.keys(isImport ? fields : oldInputs);
  return Object.fromEntries(
    names.flatMap((property) => {
      const now = outputs[property];
      const old = oldInputs[property];
      const field = fields[property];
      if (isImport && sameValue(now, undefined)) return [];
      const value = !isImport && isSame(field, now, old) ? old : now;
      return value === undefined ? [] : [[property, value]];
    }),
  );
}

function differs(field: Field | undefined, was?: PropertyValue, wanted?: PropertyValue): boolean {
  if (containsUnknown(wanted)) return true;
  if (wanted === undefined && field?.computed === true) return false;
  return !isSame(field, was, wanted);
}

function isSame(field: Field | undefined, was?: PropertyValue, wanted?: PropertyValue): boolean {
  return (field?.same ?? sameValue)(was, wanted);
}
