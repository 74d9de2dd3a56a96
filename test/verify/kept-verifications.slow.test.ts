import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test, vi } from 'vitest';
import { cacheFolder } from '../../src/git/cache-folder.ts';
import { keepVerification, keptVerification } from '../../src/verify/kept-verifications.ts';
import { digestOf } from '../../src/registry/manifest.ts';
import { temporaryFolder } from '../git/temporary-folder.ts';

const DIGEST = digestOf(Buffer.from('an image'));
const UP = { isUp: true, text: 'a login prompt', day: '2026-12-01', console: [] };

beforeEach(() => {
  vi.stubEnv('XDG_CACHE_HOME', temporaryFolder());
});

test('the last lines of a console are kept, in plain text and without secrets', async () => {
  const console = Array.from({ length: 70 }, (_, at) => `\u001b[1mline ${at}\u001b[0m s3cret`);
  await keepVerification(DIGEST, { ...UP, console }, ['s3cret']);
  const kept = await keptVerification(DIGEST);
  expect(kept).toMatchObject({ isUp: true, text: 'a login prompt', day: '2026-12-01' });
  expect(kept?.console).toHaveLength(60);
  expect(kept?.console.at(-1)).toBe('line 69 ***');
});

test('a later verification replaces an earlier one', async () => {
  await keepVerification(DIGEST, UP);
  await keepVerification(DIGEST, { ...UP, isUp: false, text: 'it stopped' });
  expect(await keptVerification(DIGEST)).toMatchObject({ isUp: false, text: 'it stopped' });
});

test.each(['', '{"isUp":true}'])('a damaged file is no verification: %s', async (text) => {
  await keepVerification(DIGEST, UP);
  writeFileSync(join(cacheFolder(), 'verifications', `${DIGEST.replace(':', '-')}.json`), text);
  expect(await keptVerification(DIGEST)).toBeUndefined();
});
