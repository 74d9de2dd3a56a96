import { CodedError } from '../../../src/problem.ts';
import { isList, isObject, type Properties, type PropertyValue } from './resource-type.ts';

/** A state that somebody edited, or that is damaged. */
export class StateError extends CodedError<'STATE_UNREADABLE'> {
  override readonly name = 'StateError';
}

/** What a value stands for; `undefined` for one of another type, and for one that is not there. */
export type Reader<Value> = (value: PropertyValue | undefined) => Value | undefined;

/**
 * A property that is there in every state but one that somebody edited; throws a StateError for that.
 *
 * Readers stand here in place of a schema library, which would take half as long to load as all the rest
 * of a plug-in, in each preview.
 */
export function readProperty<Value>(
  properties: Properties,
  name: string,
  reader: Reader<Value>,
): Value {
  const value = reader(properties[name]);
  if (value !== undefined) return value;
  // What is forgotten of a resource may be what keeps images: so nothing here says to remove it.
  throw new StateError(
    'STATE_UNREADABLE',
    `${name} ${name in properties ? 'is not what a run has written there' : 'is not there'}`,
    'put back the state of before (README.md, "The state is damaged")',
  );
}

/** Like `readProperty`; nothing for a property that is not there. */
export function readOptional<Name extends string, Value>(
  properties: Properties,
  name: Name,
  reader: Reader<Value>,
): Partial<Record<Name, Value>> {
  const value = properties[name] === undefined ? undefined : readProperty(properties, name, reader);
  return (value === undefined ? {} : { [name]: value }) as Partial<Record<Name, Value>>;
}

export const text: Reader<string> = (value) => (typeof value === 'string' ? value : undefined);

export const number: Reader<number> = (value) => (typeof value === 'number' ? value : undefined);

export const object: Reader<Properties> = (value) => (isObject(value) ? value : undefined);

/** A text that `parse` makes something of. */
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
