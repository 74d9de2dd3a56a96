import fc from 'fast-check';
import { expect, test } from 'vitest';
import { deleteVersions } from '../../../../infra/sandbox/emulators/google/delete-versions.ts';
import type { HeldVersion } from '../../../../infra/sandbox/emulators/google/inventory.ts';
import type { Digest, Repository } from '../../../../src/image-reference.ts';

function version(digest: string, ...children: string[]): HeldVersion {
  return {
    packageName: 'debian',
    path: 'ci-images/images/debian' as Repository,
    digest: digest as Digest,
    mediaType: '',
    sizeBytes: 0,
    children: children as Digest[],
    uploadTime: '',
    updateTime: '',
    tags: [],
  };
}

test('an index is deleted before what it refers to, also one that another index refers to', async () => {
  const versions = [
    version('leaf'),
    version('inner', 'leaf', 'elsewhere'),
    version('outer', 'inner'),
    version('alone'),
  ];
  const orders = fc.shuffledSubarray(versions, { minLength: versions.length });
  await fc.assert(
    fc.asyncProperty(orders, async (shuffled) => {
      const deleted: string[] = [];
      const inventory = {
        delete: ({ digest }: HeldVersion) => Promise.resolve(void deleted.push(digest)),
      };
      await deleteVersions({ inventory }, shuffled);
      const chain = deleted.filter((digest) => digest !== 'alone');
      expect(chain).toEqual(['outer', 'inner', 'leaf']);
      expect(deleted).toHaveLength(4);
    }),
  );
});
