import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { takeLock } from '../../infra/toolchain/lock.ts';
import { recordOf } from '../../infra/toolchain/pid-file.ts';
import { withSandboxLock, sandboxAt } from '../../infra/sandbox/sandbox.ts';
import { temporaryFolder } from '../git/temporary-folder.ts';

test('a lock has one holder at a time, and can be taken again when it was given back', () => {
  const file = join(temporaryFolder(), 'lock');
  const release = takeLock(file);
  expect(takeLock(file)).toEqual({ heldBy: process.pid });
  if (typeof release !== 'function') throw new Error('not taken');
  release();
  release();
  expect(takeLock(file)).toBeTypeOf('function');
});

test.each([
  ['whose holder was killed', JSON.stringify({ ...recordOf(process.pid), identity: 'earlier' })],
  ['that is damaged', '{'],
])('a lock %s is free, and nothing but the new lock is left', (_, text) => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'lock'), text);
  expect(takeLock(join(folder, 'lock'))).toBeTypeOf('function');
  expect(readdirSync(folder)).toEqual(['lock']);
});

test('a second npm start on one sandbox is an error while the first works, not after', async () => {
  const sandbox = sandboxAt(temporaryFolder());
  const second = () => withSandboxLock(sandbox, () => Promise.resolve('done'));
  await withSandboxLock(sandbox, async () => {
    await expect(second()).rejects.toThrow(/at work.*\n.*wait/);
  });
  await expect(withSandboxLock(sandbox, () => Promise.reject(new Error('failed')))).rejects.toThrow(
    'failed',
  );
  expect(await second()).toBe('done');
});
