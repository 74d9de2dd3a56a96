import { CodedError } from '../../../src/problem.ts';
import { isList, isObject, type Properties, type PropertyValue } from './resource-type.ts';

/** The state is damaged, or somebody edited it. */
class StateError extends CodedError<'STATE_UNREADABLE'> {
  override readonly name = 'StateError';
}

/** Reads a value; `undefined` for a value of another type, and for none. */
export type Reader<Value> = (value: PropertyValue | undefined) => Value | undefined;

/**
 * Reads a property that every state has. Throws a StateError for a state that is damaged.
 *
 * A schema library would take half as long to load as the rest of the plug-in, in each preview.
 */
export function readProperty<Value>(
  properties: Properties,
  name: string,
  reader: Reader<Value>,
): Value {
  const value = reader(properties[name]);
  if (value !== undefined) return value;
  throw new StateError(
    'STATE_UNREADABLE',
    `${name} ${name in properties ? 'is not what a run has written there' : 'is not there'}`,
    // Never removes a resource from the state: it may be what keeps images.
    'restore the state of before (infra/TROUBLESHOOTING.md, "The state is damaged")',
  );
}

/** Like `readProperty`; `undefined` for a property that is not there. */
export function readOptional<Value>(
  properties: Properties,
  name: string,
  reader: Reader<Value>,
): Value | undefined {
  return properties[name] === undefined ? undefined : readProperty(properties, name, reader);
}

export const text: Reader<string> = (value) => (typeof value === 'string' ? value : undefined);

export const number: Reader<number> = (value) => (typeof value === 'number' ? value : undefined);

export const boolean: Reader<boolean> = (value) => (typeof value === 'boolean' ? value : undefined);

export const object: Reader<Properties> = (value) => (isObject(value) ? value : undefined);

/** A text that `parse` accepts. */
export function parsed<Value>(parse: (text: string) => Value | undefined): Reader<Value> {
  return (value) => (typeof value === 'string' ? parse(value) : undefined);
}

export function listOf<Item>(item: Reader<Item>): Reader<readonly Item[]> {
  return (value) => (isList(value) ? allOf(value.map(item)) : undefined);
}

export function recordOf<Item>(item: Reader<Item>): Reader<Readonly<Record<string, Item>>> {
  return (value) => {
    if (!isObject(value)) return undefined;
    const entries = Object.entries(value).map(([key, one]) => {
      const read = item(one);
      return read === undefined ? undefined : ([key, read] as const);
    });
    const all = allOf(entries);
    return all && Object.fromEntries(all);
  };
}

function allOf<Item>(items: readonly (Item | undefined)[]): readonly Item[] | undefined {
  return items.every((one) => one !== undefined) ? items : undefined;
}
