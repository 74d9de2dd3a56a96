import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { readTextFile, writeIfChanged } from './text-file.ts';

/** The secret in a file of the sandbox; made when there is no such file, with a prefix that says what it is. */
export function secretIn(file: string, prefix: string): string {
  const known = readTextFile(file)?.trim();
  if (known !== undefined && known !== '') return known;
  const secret = `${prefix}${randomBytes(20).toString('hex')}`;
  writeIfChanged(file, `${secret}\n`);
  chmodSync(file, 0o600);
  return secret;
}

/** The secret that the Google API emulator's own methods take, by the folder of its state. */
export function emulatorSecret(folder: string): string {
  return secretIn(join(folder, 'secret'), 'emulator-');
}

/** Whether a text is the secret. Takes the same time whatever the difference. */
export function isSecret(given: string, secret: string): boolean {
  const hash = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(hash(given), hash(secret));
}
