import { join } from 'node:path';
import { z } from 'zod';
import { PrerequisiteError } from '../../../toolchain/prerequisite-error.ts';
import { readTextFile, writeIfChanged } from '../../text-file.ts';

/** Resources of one kind by name, kept in one JSON file. Values are replaced, never changed. */
export interface Collection<T> {
  get(name: string): T | undefined;
  set(name: string, value: T): void;
  /** Returns whether there was one. */
  delete(name: string): boolean;
  /** Sorted by name. */
  entries(): readonly (readonly [string, T])[];
}

/**
 * The collection in `<folder>/<kind>.json`, empty where there is no such file. Each change is in the
 * file, whole or not at all, before the call returns. Throws a `PrerequisiteError` when the file is
 * damaged.
 */
export function openCollection<T>(
  folder: string,
  kind: string,
  schema: z.ZodType<T>,
): Collection<T> {
  const file = join(folder, `${kind}.json`);
  const values = new Map(Object.entries(load(file, z.record(z.string(), schema))));
  const sorted = () => [...values].sort(([a], [b]) => (a < b ? -1 : 1));
  const save = () => {
    writeIfChanged(file, `${JSON.stringify(Object.fromEntries(sorted()), null, 1)}\n`);
  };
  return {
    get: (name) => values.get(name),
    set(name, value) {
      values.set(name, value);
      save();
    },
    delete(name) {
      const existed = values.delete(name);
      save();
      return existed;
    },
    entries: sorted,
  };
}

function load<T>(file: string, schema: z.ZodType<Record<string, T>>): Record<string, T> {
  const text = readTextFile(file);
  if (text === undefined) return {};
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    throw new PrerequisiteError(
      `${file}, where the Google API emulator keeps its state, is damaged`,
      'remove it: the next `npm start` creates anew what is missing',
      { cause },
    );
  }
}
