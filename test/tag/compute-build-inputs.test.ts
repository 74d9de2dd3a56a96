import { expect, test } from 'vitest';
import {
  baseFixture,
  checksumFixture,
  copyFixture,
  diskFixture,
  imageFixture,
  recipeFixture,
} from './image-fixture.ts';
import type { DiskSource, Image } from '../../src/catalog/image.ts';
import {
  BUILD_INPUTS,
  type BuildInputs,
  changedInputs,
  immutableTag,
} from '../../src/tag/build-inputs.ts';
import { computeBuildInputs, diskBuildInputs } from '../../src/tag/compute-build-inputs.ts';
import { emptyHashCache } from '../../src/tag/hash-context.ts';
import { memoryTree } from '../support/memory-tree.ts';

const FILES = { 'ctx/Dockerfile': 'FROM x', 'ctx/file': 'x', 'ctx/Other': 'FROM x' };

function inputsOf(image: Image, files: Record<string, string> = {}): BuildInputs {
  const [platform = ''] = image.platforms;
  const tree = memoryTree({ ...FILES, ...files });
  return computeBuildInputs(image, platform, tree, emptyHashCache());
}

/** A disk made of another one. */
function diskOf(changes: Partial<DiskSource>): Image {
  return { ...DISK, sources: { 'linux/amd64': recipeFixture(changes).source } };
}

const ARGS = { A: '1', B: '2' };
const CONTAINER = imageFixture({ args: ARGS });
const DISK = diskFixture();
const COPY = copyFixture();
const BEFORE = inputsOf(CONTAINER);

test.each<[part: string, Image, Record<string, string>?]>([
  ['base', { ...CONTAINER, base: baseFixture('docker.io/library/debian:12', 'b') }],
  ['dockerfile', CONTAINER, { 'ctx/Dockerfile': 'FROM y' }],
  ['context', CONTAINER, { 'ctx/file': 'y' }],
  ['args', { ...CONTAINER, args: { A: '1', B: '3' } }],
  ['args', { ...CONTAINER, args: { A: '1' } }],
  ['args', { ...CONTAINER, version: '13' }],
  ['target', { ...CONTAINER, target: 'final' }],
  ['platform', { ...CONTAINER, platforms: ['linux/arm64'] }],
  ['snapshot', { ...CONTAINER, snapshot: '2026-01-01' }],
  ['checksum', diskOf({ checksum: checksumFixture('b') })],
  ['packing', diskOf({ packing: 'xz' })],
  ['format', diskOf({ format: 'raw' })],
  ['enlargeBy', { ...DISK, enlargeBy: 8 * 1024 ** 3 }],
  ['dockerfile', DISK, { 'ctx/Dockerfile': 'FROM y' }],
  ['context', DISK, { 'ctx/file': 'y' }],
  ['args', { ...DISK, version: '24.10' }],
  ['from', { ...COPY, from: baseFixture('quay.io/some/image:v13', 'b') }],
  ['platform', { ...COPY, platforms: ['linux/arm64'] }],
  [
    'platform',
    { ...DISK, platforms: ['linux/arm64'], sources: { 'linux/arm64': recipeFixture().source } },
  ],
])('the build input %s alone changes its own part and the tag', (part, image, files) => {
  const before = inputsOf({ container: CONTAINER, 'vm-disk': DISK, copy: COPY }[image.kind]);
  const after = inputsOf(image, files);
  expect(changedInputs(before, after)).toEqual([part]);
  expect(immutableTag(after)).not.toBe(immutableTag(before));
});

test.each<[string, Image]>([
  ['its name', { ...DISK, name: 'vm-other', distribution: 'other' }],
  ['the URL of the same file', diskOf({ url: 'https://b.test/x' })],
])('no build input of a VM disk is %s', (_, image) => {
  expect(inputsOf(image)).toEqual(inputsOf(DISK));
});

test.each<[string, Image]>([
  ["the image's name", { ...CONTAINER, name: 'other' }],
  ["the distribution's name", { ...CONTAINER, distribution: 'other' }],
  ['the registry of the same base', { ...CONTAINER, base: baseFixture('mirror.test/deb:x') }],
  ['the order of args', { ...CONTAINER, args: { B: '2', A: '1' } }],
])('no build input of a container is %s', (_, image) => {
  expect(inputsOf(image)).toEqual(BEFORE);
});

test.each<[string, Image]>([
  ['its registry and path', { ...COPY, from: baseFixture('ghcr.io/other/path:v14') }],
  ['its name', { ...COPY, name: 'other' }],
  ['its version', { ...COPY, version: 'v14' }],
  ['what it holds', { ...COPY, holds: 'container', verify: ['true'] }],
])('no build input of a copy is %s: the same bytes are the same image', (_, image) => {
  expect(inputsOf(image)).toEqual(inputsOf(COPY));
});

test('the tag of a copy is that of a digest and a platform', () => {
  expect(Object.keys(inputsOf(COPY)).toSorted()).toEqual(['from', 'platform']);
  expect(immutableTag(inputsOf(COPY))).toBe('bf52b2a16288214596fe775c243cdab0');
});

test('the tag of a container stays what it was before there were VM disks', () => {
  const image = imageFixture({ args: ARGS, target: 'final', snapshot: '2026-01-01' });
  expect(immutableTag(inputsOf(image))).toBe('5b4f3140409e1f6e0f1e2ee93a4eba82');
});

test('args can not be split in two ways', () => {
  const together = inputsOf(imageFixture({ args: { A: '1","B":"2' } }));
  expect(together.args).not.toBe(BEFORE.args);
});

test('every part is a SHA-256; target and snapshot are absent when the image has none', () => {
  const present = BUILD_INPUTS.filter((name) => BEFORE[name] !== undefined);
  expect(present).toEqual(['base', 'dockerfile', 'context', 'args', 'platform']);
  for (const name of present) expect(BEFORE[name]).toMatch(/^[0-9a-f]{64}$/);
});

test('arguments that follow from the inputs, such as SOURCE_DATE_EPOCH, change no tag', () => {
  // The tag from before builds got that argument.
  const image = imageFixture({ args: { A: '1' }, snapshot: '2026-11-01' });
  expect(immutableTag(inputsOf(image))).toBe('d57e5190522f8aedcf6c6fd84422e85e');
});

test('the build inputs of a disk are texts by name', () => {
  const { checksum } = recipeFixture().source;
  const source = {
    url: 'https://a.test/x.raw.xz',
    checksum,
    format: 'raw',
    packing: 'xz',
  } as const;
  expect(diskBuildInputs({ source, enlargeBy: 8 * 2 ** 30 })).toEqual({
    checksum,
    packing: 'xz',
    format: 'raw',
    enlargeBy: '8589934592', // 8 × 1024³
    conversion: '1',
  });
});
