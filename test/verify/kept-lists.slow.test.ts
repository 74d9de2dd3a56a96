import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { cacheFolder } from '../../src/git/cache-folder.ts';
import type { Packages } from '../../src/packages/package-list.ts';
import { digestOf } from '../../src/registry/manifest.ts';
import { keepList, keptList } from '../../src/verify/kept-lists.ts';
import { temporaryFolder } from '../git/temporary-folder.ts';

const DIGEST = digestOf(Buffer.from('an image'));
const KNOWN: Packages = {
  kind: 'known',
  list: {
    format: 'deb',
    distribution: { id: 'debian', version: '12' },
    packages: [{ name: 'a', version: '1', architecture: 'all' }],
  },
};

const packagesFolder = () => join(cacheFolder(), 'packages');

describe('the package list of an image', () => {
  beforeEach(() => {
    vi.stubEnv('XDG_CACHE_HOME', temporaryFolder());
  });

  test('is nothing before it is kept', async () => {
    expect(await keptList(DIGEST)).toBeUndefined();
  });

  test.each<Packages>([KNOWN, { kind: 'unknown', reason: 'it has no cloud-init' }])(
    'is kept as it was: %j',
    async (packages) => {
      await keepList(DIGEST, packages);
      expect(await keptList(DIGEST)).toEqual(packages);
      expect(readdirSync(packagesFolder())).toHaveLength(1);
    },
  );

  test.each(['', '{"kind":"known","list":{"format":"deb","packages":[]}}', '{"kind":"known"'])(
    'is nothing where the file is damaged: %s',
    async (text) => {
      await keepList(DIGEST, KNOWN);
      writeFileSync(join(packagesFolder(), `${DIGEST.replace(':', '-')}.json`), text);
      expect(await keptList(DIGEST)).toBeUndefined();
    },
  );
});
