import { describe, expect, test } from 'vitest';
import { baseFixture, checksumFixture, diskFixture, imageFixture } from './image-fixture.ts';
import type { ContainerImage, DiskImage } from '../../src/catalog/image.ts';
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

function inputsOf(
  changes: Partial<ContainerImage>,
  files: Record<string, string> = {},
): BuildInputs {
  return computeBuildInputs(
    imageFixture(changes),
    memoryTree({ ...FILES, ...files }),
    emptyHashCache(),
  );
}

function diskInputsOf(
  changes: Partial<DiskImage>,
  files: Record<string, string> = {},
): BuildInputs {
  return computeBuildInputs(
    diskFixture(changes),
    memoryTree({ ...FILES, ...files }),
    emptyHashCache(),
  );
}

const BEFORE = inputsOf({ args: { A: '1', B: '2' } });

describe('each build input alone changes its own part and the tag', () => {
  test.each<[part: string, Partial<ContainerImage>, Record<string, string>?]>([
    ['base', { base: baseFixture('docker.io/library/debian:12', 'b') }],
    ['dockerfile', {}, { 'ctx/Dockerfile': 'FROM y' }],
    ['context', {}, { 'ctx/file': 'y' }],
    ['args', { args: { A: '1', B: '3' } }],
    ['args', { args: { A: '1' } }],
    ['args', { version: '13' }],
    ['target', { target: 'final' }],
    ['platform', { platform: 'linux/arm64' }],
    ['snapshot', { snapshot: '2026-01-01' }],
  ])('%s', (part, changes, files) => {
    const after = inputsOf({ args: { A: '1', B: '2' }, ...changes }, files);
    expect(changedInputs(BEFORE, after)).toEqual([part]);
    expect(immutableTag(after)).not.toBe(immutableTag(BEFORE));
  });
});

test('the tag of a container stays what it was before there were VM disks', () => {
  const known = { args: { A: '1', B: '2' }, target: 'final', snapshot: '2026-01-01' };
  expect(immutableTag(inputsOf(known))).toBe('5b4f3140409e1f6e0f1e2ee93a4eba82');
});

describe('each build input of a VM disk alone changes its own part and the tag', () => {
  const { source } = diskFixture();
  const before = diskInputsOf({});
  test.each<[part: string, Partial<DiskImage>, Record<string, string>?]>([
    ['checksum', { source: { ...source, checksum: checksumFixture('b') } }],
    ['packing', { source: { ...source, packing: 'xz' } }],
    ['format', { source: { ...source, format: 'raw' } }],
    ['enlargeBy', { enlargeBy: 8 * 1024 ** 3 }],
    ['dockerfile', {}, { 'ctx/Dockerfile': 'FROM y' }],
    ['context', {}, { 'ctx/file': 'y' }],
    ['args', { version: '24.10' }],
    ['platform', { platform: 'linux/arm64' }],
  ])('%s', (part, changes, files) => {
    const after = diskInputsOf(changes, files);
    expect(changedInputs(before, after)).toEqual([part]);
    expect(immutableTag(after)).not.toBe(immutableTag(before));
  });

  test('and the way of the conversion is one of them', () => {
    expect(before.conversion).toMatch(/^[0-9a-f]{64}$/);
  });
});

test.each<[string, Partial<DiskImage>]>([
  ['its name', { name: 'vm-other', distribution: 'other' }],
  [
    'where the same file comes from',
    { source: { ...diskFixture().source, url: 'https://b.test/x' } },
  ],
])('no build input of a VM disk is %s', (_, changes) => {
  expect(diskInputsOf(changes)).toEqual(diskInputsOf({}));
});

describe('what is no build input', () => {
  test.each<[string, Partial<ContainerImage>]>([
    ["the image's name", { name: 'other' }],
    ["the distribution's name", { distribution: 'other' }],
    ['the registry that the same base came from', { base: baseFixture('mirror.test/deb:x') }],
    ['the order of args', { args: { B: '2', A: '1' } }],
  ])('%s', (_, changes) => {
    expect(inputsOf({ args: { A: '1', B: '2' }, ...changes })).toEqual(BEFORE);
  });
});

test('args can not be split in two ways', () => {
  const together = inputsOf({ args: { A: '1","B":"2' } });
  expect(together.args).not.toBe(inputsOf({ args: { A: '1', B: '2' } }).args);
});

test('every part is a SHA-256; target and snapshot are absent when the image has none', () => {
  const present = BUILD_INPUTS.filter((name) => BEFORE[name] !== undefined);
  expect(present).toEqual(['base', 'dockerfile', 'context', 'args', 'platform']);
  for (const name of present) expect(BEFORE[name]).toMatch(/^[0-9a-f]{64}$/);
});

test('what builds get that follows from the inputs, such as SOURCE_DATE_EPOCH, changes no tag', () => {
  // As it was before builds got that argument.
  const tag = immutableTag(inputsOf({ args: { A: '1' }, snapshot: '2026-11-01' }));
  expect(tag).toBe('d57e5190522f8aedcf6c6fd84422e85e');
});

test('the build inputs of a disk are texts by name', () => {
  const checksum = checksumFixture('a');
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
