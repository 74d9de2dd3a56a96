import { expect, test } from 'vitest';
import { loadCatalog } from '../../../src/catalog/parse-catalog.ts';
import { workingTree } from '../../../src/git/working-tree.ts';
import { findDisks } from '../../../src/refresh/publishers/find-disks.ts';

const NOT_FOLLOWED = ['centos', 'fedora-coreos', 'openeuler', 'oracle'];

const { entries } = loadCatalog(workingTree('.'), 'config/images.yml');
const disks = entries.flatMap(({ image }) => (image?.kind === 'vm-disk' ? [image] : []));

test('each VM disk of the catalog is at an address that is understood, or of a distribution that is not followed', async () => {
  expect(disks.length).toBeGreaterThan(20);
  const found = await findDisks(
    disks.map((image) => ({ ...image.source, releases: [image] })),
    () => Promise.resolve(undefined),
  );
  const outcomes = disks.map(({ distribution, source: { url } }) => {
    const answer = found.get(url);
    return [distribution, answer && 'failure' in answer ? answer.failure.code : answer];
  });
  expect(outcomes).toEqual(
    disks.map(({ distribution }) => [
      distribution,
      NOT_FOLLOWED.includes(distribution) ? { isNotFollowed: true } : 'SOURCE_GONE',
    ]),
  );
});

test('no VM disk of a distribution that is followed is declared as one build only', () => {
  const pinned = disks.filter(
    ({ distribution, version, source }) =>
      !NOT_FOLLOWED.includes(distribution) && source.url.split('/').includes(version),
  );
  // Fedora's folders are releases, and have builds in them.
  expect(pinned.filter(({ distribution }) => distribution !== 'fedora')).toEqual([]);
});
