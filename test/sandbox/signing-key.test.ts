import { execFileSync } from 'node:child_process';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { signingKey } from '../../infra/sandbox/signing-key.ts';
import { normalPublicKey } from '../../src/settings/signers.ts';
import { temporaryFolder } from '../git/temporary-folder.ts';

test('a sandbox makes a key of its own, which only its user may read, and keeps it', () => {
  const folder = temporaryFolder();
  const key = signingKey(folder);
  expect(normalPublicKey(key.publicKey)).toBe(key.publicKey);
  expect(statSync(key.file).mode & 0o777).toBe(0o600);
  expect(signingKey(folder)).toEqual(key);
  const printed = execFileSync('openssl', ['pkey', '-in', key.file, '-pubout']).toString();
  expect(printed.trim()).toBe(key.publicKey);
});

test('a key that was cut off is made anew', () => {
  const folder = temporaryFolder();
  const { file, publicKey } = signingKey(folder);
  writeFileSync(file, readFileSync(file, 'utf8').slice(0, 60));
  const next = signingKey(folder);
  expect(next.publicKey).not.toBe(publicKey);
  expect(signingKey(folder)).toEqual(next);
});
