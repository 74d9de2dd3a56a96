import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { codeFingerprint } from '../../infra/sandbox/background-service.ts';
import { temporaryFolder } from '../git/temporary-folder.ts';

const FILES = {
  'infra/sandbox/emulators/google/main.ts': 'start();\n',
  'src/registry/client.ts': 'export {};\n',
  'package-lock.json': '{}\n',
};

function checkout(files: Readonly<Record<string, string>> = {}): string {
  const root = temporaryFolder();
  for (const [file, content] of Object.entries({ ...FILES, ...files })) {
    mkdirSync(join(root, file, '..'), { recursive: true });
    writeFileSync(join(root, file), content);
  }
  return root;
}

test('the same code has the same fingerprint wherever it lies', () => {
  const root = checkout();
  const copy = join(temporaryFolder(), 'copy');
  cpSync(root, copy, { recursive: true });
  expect(codeFingerprint(copy)).toBe(codeFingerprint(root));
  expect(codeFingerprint(checkout({ 'src/notes.md': 'no code\n' }))).toBe(codeFingerprint(root));
});

test.each([
  ['a changed file', { 'infra/sandbox/emulators/google/main.ts': 'stop();\n' }],
  ['a changed file that it imports', { 'src/registry/client.ts': 'export const a = 1;\n' }],
  ['a new file', { 'infra/sandbox/emulators/google/cron.ts': '' }],
  ['other packages', { 'package-lock.json': '{"name":"x"}\n' }],
])('%s is other code', (_, files) => {
  expect(codeFingerprint(checkout(files))).not.toBe(codeFingerprint(checkout()));
});
