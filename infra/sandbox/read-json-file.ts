import { readTextFile } from './write-if-changed.ts';

/** What a JSON file says; `undefined` for one that can't be read or says nothing. */
export function readJsonFile(file: string): unknown {
  const text = readTextFile(file);
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}
