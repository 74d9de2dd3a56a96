import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseJson } from '../../src/json.ts';

/** Writes a text file whole or not at all. Does not touch a file that has this content already. */
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

/** The value in a JSON file; `undefined` when it can't be read or parsed. */
export function readJsonFile(file: string): unknown {
  return parseJson(readTextFile(file) ?? '');
}
