import { existsSync, mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { parseDigest, parseRegistry, parseRepository } from '../../src/image-reference.ts';
import { keepList, keptList } from '../../src/verify/kept-lists.ts';
import { keptVerification } from '../../src/verify/kept-verifications.ts';
import { verifyImage } from '../../src/verify/verify-image.ts';
import { temporaryFolder } from '../git/temporary-folder.ts';
import { packagesOf } from '../packages/packages-of.ts';
import { known } from '../support/fixtures.ts';

const LIST = packagesOf('deb', ['a 1 all']);

const DIGEST = known(parseDigest(`sha256:${'a'.repeat(64)}`));

/** Verifies a disk in a run that is stopped before it sends a request. */
function verifyStopped(name: string, platform = 'linux/amd64') {
  const image = {
    name,
    kind: 'vm-disk' as const,
    platform,
    repository: known(parseRepository('a/b')),
    digest: DIGEST,
  };
  const registry = known(parseRegistry('127.0.0.1:9'));
  const signal = AbortSignal.abort(new Error('stopped'));
  const session = { registry, credentials: undefined, signal };
  return verifyImage(image, { session, timeout: 1, note: () => undefined });
}

test('a disk of several is verified by the name of its resource, which has its platform', async () => {
  vi.stubEnv('TMPDIR', temporaryFolder());
  await expect(verifyStopped('vm-debian-12:linux/amd64')).rejects.toThrow('stopped');
});

test('the disk of a run that was killed days ago is removed by the next, and no other', async () => {
  const folder = temporaryFolder();
  vi.stubEnv('TMPDIR', folder);
  const make = (name: string, days: number) => {
    const disk = join(folder, name, 'disk');
    mkdirSync(disk, { recursive: true });
    const time = Date.now() / 1000 - days * 86_400;
    utimesSync(disk, time, time);
    return disk;
  };
  const killed = make('kubernetes-ci-images-verify-vm-debian-12-abc', 3);
  const others = [
    make('kubernetes-ci-images-verify-vm-debian-12-def', 1),
    make('verify-of-somebody-else', 3),
  ];
  await expect(verifyStopped('vm-debian-12')).rejects.toThrow('stopped');
  expect(existsSync(killed)).toBe(false);
  for (const other of others) expect(existsSync(other)).toBe(true);
});

test('of a disk that cannot be booted, the reason is kept for its attestation, and no list is lost', async () => {
  vi.stubEnv('XDG_CACHE_HOME', temporaryFolder());
  await expect(verifyStopped('vm-debian-12', 'linux/arm64')).rejects.toThrow('FOREIGN_PLATFORM');
  expect(await keptList(DIGEST)).toEqual({
    kind: 'unknown',
    reason:
      'the boot that lists them failed: it is for linux/arm64, and disks are booted on linux/amd64',
  });
  await keepList(DIGEST, LIST);
  await expect(verifyStopped('vm-debian-12', 'linux/arm64')).rejects.toThrow('FOREIGN_PLATFORM');
  expect(await keptList(DIGEST)).toEqual(LIST);
  // What the machine lacks says nothing of the image.
  expect(await keptVerification(DIGEST)).toBeUndefined();
});

test('a cache that cannot be written is not the failure that is reported', async () => {
  const file = join(temporaryFolder(), 'file');
  writeFileSync(file, '');
  vi.stubEnv('XDG_CACHE_HOME', file);
  await expect(verifyStopped('vm-debian-12', 'linux/arm64')).rejects.toThrow('FOREIGN_PLATFORM');
});
