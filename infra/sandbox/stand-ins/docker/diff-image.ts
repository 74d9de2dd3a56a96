import { isDeepStrictEqual } from 'node:util';
import { isList, isObject } from '../../../oci/protocol/property-value.ts';
import type { Difference, Properties, PropertyValue } from '../../../oci/protocol/resource-type.ts';

/**
 * Compares the inputs of the last run with the new ones, by top-level property. Nothing ever replaces
 * an image: under a new name it is built and pushed again, and the old name stays in the registry.
 */
export function diffImage(oldInputs: Properties, news: Properties): Difference {
  const before = withoutNulls(oldInputs);
  const after = withoutNulls(news);
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  const changed = [...names].filter((name) =>
    name === 'registry'
      ? isOtherRegistry(before[name], after[name])
      : !isDeepStrictEqual(before[name], after[name]),
  );
  return { changed };
}

/** A new user name or password alone (they may be short-lived) is no reason to build again. */
function isOtherRegistry(before?: PropertyValue, after?: PropertyValue): boolean {
  if (!isObject(before) || !isObject(after)) return !isDeepStrictEqual(before, after);
  return !isDeepStrictEqual(before['server'], after['server']);
}

function withoutNulls(properties: Properties): Properties {
  return Object.fromEntries(
    Object.entries(properties)
      .filter(([, value]) => value !== null)
      .map(([name, value]) => [name, cleaned(value)]),
  );
}

function cleaned(value: PropertyValue): PropertyValue {
  if (isList(value)) return value.map(cleaned);
  return isObject(value) ? withoutNulls(value) : value;
}
