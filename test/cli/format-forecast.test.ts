import { expect, test } from 'vitest';
import { formatForecastAsJson, formatForecastAsText } from '../../src/cli/format-forecast.ts';
import { forecast } from '../../src/retention/forecast.ts';
import type { HeldVersion } from '../../src/retention/resolve-needs.ts';
import { branch, need } from '../retention/any-references.ts';
import { digest, held, NOW, someRetention } from '../retention/retention-fixture.ts';

const INDEX = digest('1');
const OTHER = digest('2');
const AMD64 = digest('a');
const ARM64 = digest('b');
const NEWER = digest('c');
const MAIN = branch('main');

const version = (own: HeldVersion['digest'], rest: Partial<HeldVersion>) =>
  held('disk', 1, { digest: own, ...rest });

const indexOf = (own: HeldVersion['digest'], tag: string, ...architectures: string[]) => {
  const [amd64, arm64] = own === INDEX ? [AMD64, ARM64] : [AMD64, NEWER];
  const digestOf = { amd64, arm64 };
  const members = architectures.map((name) => {
    return { digest: digestOf[name as 'amd64'], platform: `linux/${name}` };
  });
  return version(own, { tags: [tag], sizeBytes: 855, members });
};

/** Two indexes that share a platform, and an image. */
const VERSIONS = [
  indexOf(INDEX, 'v1', 'amd64', 'arm64'),
  version(AMD64, { sizeBytes: 3000, indexes: [INDEX, OTHER] }),
  version(ARM64, { sizeBytes: 4000, indexes: [INDEX] }),
  indexOf(OTHER, 'v2', 'amd64', 'arm64'),
  version(NEWER, { sizeBytes: 6000, indexes: [OTHER] }),
  version(digest('5'), { tags: ['v0'], sizeBytes: 5000 }),
];

function shown(versions: readonly HeldVersion[], ...needs: readonly string[]) {
  const made = forecast({
    versions,
    live: [],
    retention: someRetention(),
    references: { needs: needs.map((tag) => need(MAIN, 'disk', tag)), branches: [MAIN] },
    now: NOW,
    at: NOW,
  });
  return { forecast: made, versions: made.versions, at: NOW, dryRun: true };
}

const table = (...args: Parameters<typeof formatForecastAsText>) =>
  formatForecastAsText(...args)
    .split('\n')
    .map((line) => line.split(/ {2,}/));

test('an index is one row, with its platforms and the size of all; the totals count each member once', () => {
  const lines = table(shown(VERSIONS), true);
  expect(lines.slice(1, 5).map((line) => line.slice(1, 4))).toEqual([
    ['TAGS', 'PLATFORMS', 'SIZE'],
    ['v1', 'linux/amd64 linux/arm64', '7.9 kB'],
    ['v2', 'linux/amd64 linux/arm64', '9.9 kB'],
    ['v0', '5.0 kB', '1d'],
  ]);
  // 855 + 855 + 3000 + 4000 + 6000 + 5000
  expect(lines.at(-1)).toEqual([expect.stringMatching(/: 0 of 3 versions go, 0 B of 19\.7 kB/)]);
});

test('a line of several versions has the platforms that all of them have', () => {
  const [, line] = table(shown(VERSIONS.slice(0, 5)), false).slice(1);
  expect(line?.slice(0, 3)).toEqual(['2 versions', 'linux/amd64 linux/arm64', '14.7 kB']);
});

test('so is it in the JSON', () => {
  const { images, totals } = JSON.parse(formatForecastAsJson(shown(VERSIONS), [])) as {
    images: { entries: object[] }[];
    totals: object;
  };
  const platforms = ['linux/amd64', 'linux/arm64'];
  expect(images[0]?.entries).toMatchObject([
    { digest: INDEX, platforms, members: [AMD64, ARM64], sizeBytes: 7855 },
    { digest: OTHER, platforms, members: [AMD64, NEWER], sizeBytes: 9855 },
    { tags: ['v0'], platforms: [], members: [], sizeBytes: 5000 },
  ]);
  expect(totals).toEqual({ versions: 3, bytes: 19_710, deleted: 0, bytesFreed: 0 });
});

test('the size of an index counts the layers once that its members share', () => {
  const layer = { digest: digest('e'), size: 2500 };
  const config = (own: string, size: number) => ({ digest: digest(own), size });
  const blobs = new Map([
    [AMD64, [config('7', 500), layer]],
    [ARM64, [config('8', 1500), layer]],
  ]);
  const versions = VERSIONS.slice(0, 3).map((one) => ({ ...one, blobs: blobs.get(one.digest) }));
  expect(JSON.parse(formatForecastAsJson(shown(versions), []))).toMatchObject({
    totals: { bytes: 855 + 500 + 1500 + 2500 },
    images: [{ entries: [{ sizeBytes: 855 + 500 + 1500 + 2500 }] }],
  });
});

test('what goes is freed with its members, but for those that another index holds', () => {
  const aged = VERSIONS.map((one) => ({ ...one, uploadedAt: new Date(0) }));
  const newer = ['6', '7', '8'].map((name) => version(digest(name), { tags: [name] }));
  const { totals } = JSON.parse(formatForecastAsJson(shown([...aged, ...newer], 'v2'), [])) as {
    totals: object;
  };
  // The first index with arm64, and the image.
  expect(totals).toMatchObject({ versions: 6, deleted: 2, bytesFreed: 855 + 4000 + 5000 });
});

test('a member that a branch needs by itself has a row of its own', () => {
  const [first, amd64, ...others] = VERSIONS;
  const tagged = [first, { ...amd64, tags: ['mine'] }, ...others] as readonly HeldVersion[];
  const rows = table(shown(tagged, 'mine'), true).slice(2, -2);
  expect(rows.map(([, tag]) => tag)).toEqual(['v1', 'mine', 'v2', 'v0']);
});

test('an index that is shown without its members has their platforms and size', () => {
  const whole = shown(VERSIONS);
  const one = { ...whole, versions: whole.versions.slice(0, 1) };
  expect(table(one, true)[2]?.slice(2, 4)).toEqual(['linux/amd64 linux/arm64', '7.9 kB']);
  expect(JSON.parse(formatForecastAsJson(one, []))).toMatchObject({
    totals: { versions: 1, bytes: 7855 },
    images: [{ entries: [{ sizeBytes: 7855 }] }],
  });
});

test('the index of an index counts all below it', () => {
  const outer = version(digest('9'), {
    tags: ['all'],
    sizeBytes: 100,
    members: [{ digest: INDEX, platform: undefined }],
  });
  const [inner, ...members] = VERSIONS.slice(0, 3);
  const versions = [outer, { ...inner, indexes: [outer.digest] }, ...members];
  expect(JSON.parse(formatForecastAsJson(shown(versions as HeldVersion[]), []))).toMatchObject({
    images: [{ entries: [{ tags: ['all'], sizeBytes: 100 + 7855 }] }],
  });
});

test('an attestation counts in the size of its index, and is no platform', () => {
  const attestation = digest('f');
  const index = version(INDEX, {
    tags: ['v1'],
    sizeBytes: 855,
    members: [
      { digest: AMD64, platform: 'linux/amd64' },
      { digest: attestation, platform: undefined },
    ],
  });
  const members = [AMD64, attestation].map((own) => version(own, { indexes: [INDEX] }));
  const whole = shown([index, ...members]);
  expect(table(whole, true)[2]?.slice(1, 4)).toEqual(['v1', 'linux/amd64', '2.9 kB']);
  expect(JSON.parse(formatForecastAsJson(whole, []))).toMatchObject({
    images: [{ entries: [{ platforms: ['linux/amd64'], members: [AMD64, attestation] }] }],
    totals: { versions: 1, bytes: 2855 },
  });
});

test('signatures of what is kept share a line, unless all are shown', () => {
  const signature = (own: string, of: HeldVersion['digest']) =>
    version(digest(own), { subjects: [of], uploadedAt: new Date(0) });
  const images = VERSIONS.filter(({ tags }) => tags.length > 0);
  const signed = shown([...images, signature('e', INDEX), signature('f', OTHER)], 'v1', 'v2');
  const lines = (all: boolean) => table(signed, all).filter((line) => line.includes('keep'));
  expect(lines(false).at(-1)).toEqual(
    expect.arrayContaining(['2 versions', 'belong to versions that are kept']),
  );
  expect(
    lines(true)
      .slice(-2)
      .map((line) => line.at(-1)),
  ).toEqual([`belongs to ${INDEX}, which is kept`, `belongs to ${OTHER}, which is kept`]);
});
