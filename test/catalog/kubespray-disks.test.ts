import { describe, expect, test } from 'vitest';
import { checkChecksumChanges } from '../../src/catalog/check-disks.ts';
import { loadCatalog } from '../../src/catalog/parse-catalog.ts';
import { memoryTree, OWN_CONFIG } from '../support/memory-tree.ts';
import { CATALOG, imagesOf, problemsOf } from './checkout.ts';
import {
  checkoutWith,
  KUBESPRAY_DISKS,
  MOVING_KEYS,
  STEADY_DISKS,
  type Disk,
} from './kubespray-disks.ts';

const SUM = `sha256:${'e'.repeat(64)}`;

/** `CODE path` of each problem of a catalog of these disks. */
const foundIn = (...disks: readonly Disk[]) =>
  problemsOf(checkoutWith(disks)).map(({ code, path }) => `${code} ${path}`);

/** The paths at which a change of the catalog is reported to keep the checksum of another build. */
function keptSums(before: readonly Disk[], after: readonly Disk[]): readonly string[] {
  const { entries } = loadCatalog(memoryTree(checkoutWith(after)), CATALOG);
  return checkChecksumChanges(imagesOf(checkoutWith(before)), entries).map(
    ({ code, path }) => `${code} ${path}`,
  );
}

const named = (one: Disk, other: Disk) => ({ one, other, names: `${one.key} and ${other.key}` });

/** Neighbours in the list, which is in order of keys. */
const NEIGHBOURS = STEADY_DISKS.slice(1).map((disk, at) => named(STEADY_DISKS[at] ?? disk, disk));

/** Those of one distribution. */
const RELATIVES = NEIGHBOURS.filter(({ one, other }) => one.distribution === other.distribution);

test('each key of Kubespray is a disk of the catalog, or the catalog says why it is none', () => {
  const names = imagesOf(OWN_CONFIG).map(({ name }) => name);
  const comments = (OWN_CONFIG[CATALOG] ?? '').match(/#.*/g)?.join('\n') ?? '';
  const byHand = ['amazon-linux-2', 'rockylinux-10-extra'];
  const missing = [...KUBESPRAY_DISKS.map(({ key }) => key), ...byHand].filter(
    (key) => !names.includes(`vm-${key}`),
  );
  expect(missing.filter((key) => !comments.includes(key))).toEqual([]);
});

describe("Kubespray's list", () => {
  test('can be declared as it is, under the names that the keys give', () => {
    expect(imagesOf(checkoutWith(STEADY_DISKS)).map(({ name }) => name)).toEqual(
      STEADY_DISKS.map(({ key }) => `vm-${key}`),
    );
  });

  test('has three addresses that move beside a checksum that stays, and no other problem', () => {
    const moving = KUBESPRAY_DISKS.flatMap(({ key }, at) =>
      MOVING_KEYS.includes(key) ? [`MOVING_URL images[${at}].url`] : [],
    );
    expect(moving).toHaveLength(3);
    expect(foundIn(...KUBESPRAY_DISKS)).toEqual(moving);
  });

  test.each(NEIGHBOURS)(
    'with one checksum for two addresses is refused: $names',
    ({ one, other }) => {
      const copied = { ...other, checksum: one.checksum };
      expect(foundIn(one, copied)).toEqual(['CHECKSUM_OF_OTHER_URL images[1].checksum']);
    },
  );

  test.each(RELATIVES)(
    'with the address of another version is refused: $names',
    ({ one, other: { url, checksum } }) => {
      expect(foundIn({ ...one, url, checksum })).toEqual(['URL_OTHER_VERSION images[0].url']);
    },
  );

  test.each(RELATIVES)(
    'with a new address and the checksum of the old one is refused: $names',
    ({ one, other }) => {
      const { checksum } = one;
      const told = keptSums([one], [{ ...other, checksum }]);
      expect(told).toEqual(['CHECKSUM_STAYED images[0].checksum']);
      expect(keptSums([one], [other])).toEqual([]);
    },
  );

  test.each(STEADY_DISKS.map((disk) => ({ disk, key: disk.key })))(
    'with the next build of $key and the checksum of the old one is refused, a move to an archive is not',
    ({ disk }) => {
      const next = { ...disk, url: nextBuild(disk.url) };
      expect(keptSums([disk], [next])).toEqual(['CHECKSUM_STAYED images[0].checksum']);
      expect(keptSums([disk], [{ ...next, checksum: SUM }])).toEqual([]);
      const archived = disk.url.replace(/\/\/[^/]+/, '//archive.example/pub');
      expect(keptSums([disk], [{ ...disk, url: archived }])).toEqual([]);
    },
  );
});

/** The address with its last number one higher; architectures and formats have none. */
function nextBuild(url: string): string {
  return url.replace(
    /(\d+)((?:qcow2|x86_64|amd64|\D)*)$/,
    (_, number: string, rest: string) => `${Number(number) + 1}${rest}`,
  );
}
