import { existsSync, mkdirSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { parseDigest, parseRegistry, parseRepository } from '../../src/image-reference.ts';
import { verifyImage } from '../../src/verify/verify-image.ts';
import { temporaryFolder } from '../git/temporary-folder.ts';
import { known } from '../support/fixtures.ts';

/** Verifies a disk in a run that is stopped before it sends a request. */
function verifyStopped(name: string) {
  const image = {
    name,
    kind: 'vm-disk' as const,
    platform: 'linux/amd64',
    repository: known(parseRepository('a/b')),
    digest: known(parseDigest(`sha256:${'a'.repeat(64)}`)),
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
