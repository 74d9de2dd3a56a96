import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Packages } from '../../src/packages/package-list.ts';
import { digestOf } from '../../src/registry/manifest.ts';
import { keepList, keptList } from '../../src/verify/kept-lists.ts';

const DIGEST = digestOf(Buffer.from('an image'));
const KNOWN: Packages = {
  kind: 'known',
  list: {
    format: 'deb',
    distribution: { id: 'debian', version: '12' },
    packages: [{ name: 'a', version: '1', architecture: 'all' }],
  },
};

describe('the package list of an image', () => {
  let folder: string;
  beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'kept-lists-'))));
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });
  const file = () => join(folder, 'packages', `${DIGEST.replace(':', '-')}.json`);

  test('is nothing before it is kept', async () => {
    expect(await keptList(DIGEST, folder)).toBeUndefined();
  });

  test.each<Packages>([KNOWN, { kind: 'unknown', reason: 'it has no cloud-init' }])(
    'is kept as it was: %j',
    async (packages) => {
      await keepList(DIGEST, packages, folder);
      expect(await keptList(DIGEST, folder)).toEqual(packages);
      expect(readdirSync(join(folder, 'packages'))).toHaveLength(1);
    },
  );

  test.each(['', '{"kind":"known","list":{"format":"deb","packages":[]}}', '{"kind":"known"'])(
    'is nothing where the file is damaged: %s',
    async (text) => {
      writeFileSync(file(), text);
      expect(await keptList(DIGEST, folder)).toBeUndefined();
    },
  );
});
