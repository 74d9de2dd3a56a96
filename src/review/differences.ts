import { UNKNOWN_VALUE, type DeclaredResource, type Inputs } from './preview.ts';
import { byKey } from '../compare-texts.ts';
import { isMapping } from '../yaml/check-mapping.ts';

/** The most characters of a value that are shown. */
const LONGEST_VALUE = 250;

/**
 * The inputs of a resource in a form in which what means the same is the same as JSON: without what the official
 * plug-ins note in them, such as `__defaults`. To the gcp plug-in, the lists of Google's resources are sets, which it
 * lists in any order: lists of texts become sorted ones, and lists of objects with an id, such as clean-up policies,
 * objects by id.
 */
export function comparable({ type, inputs }: DeclaredResource): Inputs {
  return recordOf(normalized(inputs, type.startsWith('gcp:')));
}

/** What differs between two values in comparable form: a line for each place, with the value before and after. */
export function differences(before: unknown, after: unknown, place = ''): readonly string[] {
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  if (isMapping(before) && isMapping(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
    return keys.flatMap((key) =>
      differences(before[key], after[key], place === '' ? key : `${place}.${key}`),
    );
  }
  if (isSetOfTexts(before) && isSetOfTexts(after)) {
    const removed = before.filter((text) => !after.includes(text)).map((text) => `- ${show(text)}`);
    const added = after.filter((text) => !before.includes(text)).map((text) => `+ ${show(text)}`);
    return [...removed, ...added].map((line) => `${place}: ${line}`);
  }
  return [`${place}: ${show(before)} → ${show(after)}`];
}

function normalized(value: unknown, hasSets: boolean): unknown {
  if (Array.isArray(value)) {
    const items = value.map((item) => normalized(item, hasSets));
    return hasSets ? asSet(items) : items;
  }
  if (!isMapping(value)) return value;
  const entries = Object.entries(value).filter(([key]) => !key.startsWith('__'));
  return fromEntries(entries.map(([key, inner]) => [key, normalized(inner, hasSets)]));
}

function asSet(items: readonly unknown[]): unknown {
  const byId = items.map((item): [unknown, unknown] => {
    const { id, ...rest } = recordOf(item);
    return [id, rest];
  });
  if (items.length > 0 && byId.every(isNamed)) return fromEntries(byId);
  const texts = new Set(items.map((item) => JSON.stringify(item)));
  return [...texts].sort().map((text): unknown => JSON.parse(text));
}

function isNamed(entry: [unknown, unknown]): entry is [string, unknown] {
  return typeof entry[0] === 'string';
}

/** An object with the keys in order. */
function fromEntries(entries: [string, unknown][]): Inputs {
  return Object.fromEntries(entries.sort(byKey));
}

/** A list of texts that is in order, without repetitions: one that may be a set. */
function isSetOfTexts(value: unknown): value is readonly string[] {
  if (!Array.isArray(value)) return false;
  const texts = value.filter((item) => typeof item === 'string');
  return (
    texts.length === value.length &&
    JSON.stringify([...new Set(texts)].sort()) === JSON.stringify(value)
  );
}

function show(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === UNKNOWN_VALUE) return 'not known yet';
  const text = JSON.stringify(value);
  return text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE)}…` : text;
}

export function recordOf(value: unknown): Inputs {
  return isMapping(value) ? value : {};
}
