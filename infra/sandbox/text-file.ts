import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** Writes a text file whole or not at all, and leaves one that says the same already untouched. */
export function writeIfChanged(file: string, text: string): void {
  if (readTextFile(file) === text) return;
  mkdirSync(dirname(file), { recursive: true });
  const unfinished = `${file}.${process.pid}`;
  writeFileSync(unfinished, text);
  renameSync(unfinished, file);
}

/** A text file's content; `undefined` when it can't be read. */
export function readTextFile(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

/** What a JSON file says; `undefined` for one that can't be read or says nothing. */
export function readJsonFile(file: string): unknown {
  const text = readTextFile(file);
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}
