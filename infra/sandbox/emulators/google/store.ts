import { join } from 'node:path';
import { z } from 'zod';
import { PrerequisiteError } from '../../../toolchain/prerequisite-error.ts';
import { readTextFile, writeIfChanged } from '../../text-file.ts';

export type Collection<T> = ReturnType<typeof openCollection<T>>;

/**
 * Resources of one kind by name, in `<folder>/<kind>.json`; none where there is no such file. Each change
 * is in the file, whole or not at all, before the call returns. Values are replaced, never changed. Throws a
 * `PrerequisiteError` when the file is damaged.
 */
export function openCollection<T>(folder: string, kind: string, schema: z.ZodType<T>) {
  const file = join(folder, `${kind}.json`);
  const values = new Map(Object.entries(load(file, schema)));
  const entries = () => [...values].sort(([a], [b]) => (a < b ? -1 : 1));
  const save = () => {
    writeIfChanged(file, `${JSON.stringify(Object.fromEntries(entries()), null, 1)}\n`);
  };
  return {
    get: (name: string) => values.get(name),
    set(name: string, value: T) {
      values.set(name, value);
      save();
    },
    /** Returns whether there was one. */
    delete(name: string): boolean {
      const existed = values.delete(name);
      save();
      return existed;
    },
    /** Sorted by name. */
    entries,
  };
}

function load<T>(file: string, schema: z.ZodType<T>): Record<string, T> {
  try {
    return z.record(z.string(), schema).parse(JSON.parse(readTextFile(file) ?? '{}'));
  } catch (cause) {
    throw new PrerequisiteError(
      `${file}, where the Google API emulator keeps its state, is damaged`,
      'remove it: the next `npm start` creates anew what is missing',
      { cause },
    );
  }
}
