import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { checkChecksumChanges } from '../../src/catalog/check-disks.ts';
import { loadCatalog } from '../../src/catalog/parse-catalog.ts';
import { memoryTree, OWN_CONFIG } from '../support/memory-tree.ts';
import { CATALOG, catalogOf, imagesOf, problemsOf, type Files } from './checkout.ts';

const Disk = z.object({
  /** As Kubespray's CI names it, such as `ubuntu-2404`. */
  key: z.string(),
  distribution: z.string(),
  version: z.string(),
  url: z.string(),
  checksum: z.string(),
});
type Disk = z.infer<typeof Disk>;

/**
 * The disks that Kubespray declares with an address and a checksum, as it does (kubespray 46dbdd3994b3,
 * 2026-08-21, test-infra/image-builder/roles/kubevirt-images/defaults/main.yml).
 */
const KUBESPRAY_DISKS: readonly Disk[] = z
  .array(Disk)
  .parse(
    JSON.parse(readFileSync(new URL('fixtures/kubespray-disks.json', import.meta.url), 'utf8')),
  );

/** The disks whose address is always that of the newest build. */
const MOVING_KEYS: readonly string[] = ['debian-10', 'ubuntu-2004', 'ubuntu-2204'];

const STEADY_DISKS: readonly Disk[] = KUBESPRAY_DISKS.filter(
  ({ key }) => !MOVING_KEYS.includes(key),
);

/** The names that don't follow from distribution and version. */
const NAMED = 'fedora-coreos flatcar-4081 opensuse-leap-15 opensuse-leap-15-6 oracle-7'.split(' ');

/** A checkout whose catalog has these disks and nothing else. */
function checkoutWith(disks: readonly Disk[]): Files {
  const images = disks.map(({ key, ...disk }) => ({
    kind: 'vm-disk',
    ...disk,
    name: NAMED.includes(key) ? `vm-${key}` : undefined,
    packing: disk.url.endsWith('.xz') ? 'xz' : undefined,
  }));
  // JSON is YAML.
  return catalogOf(JSON.stringify({ images }));
}

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

test('each key of Kubespray is a disk of the catalog, or a comment of the catalog gives the reason', () => {
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

  test.each(NEIGHBOURS)('is rejected with one checksum for $names', ({ one, other }) => {
    const copied = { ...other, checksum: one.checksum };
    expect(foundIn(one, copied)).toEqual(['CHECKSUM_OF_OTHER_URL images[1].checksum']);
  });

  test.each(RELATIVES)('is rejected with exchanged addresses of $names', ({ one, other }) => {
    const { url, checksum } = other;
    expect(foundIn({ ...one, url, checksum })).toEqual(['URL_OTHER_VERSION images[0].url']);
    const kept = keptSums([one], [{ ...other, checksum: one.checksum }]);
    expect(kept).toEqual(['CHECKSUM_STAYED images[0].checksum']);
    expect(keptSums([one], [other])).toEqual([]);
  });

  test.each(STEADY_DISKS)(
    'is rejected with the next build of $key and the old checksum, not with a move to an archive',
    (disk) => {
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
