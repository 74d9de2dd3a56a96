import { describe, expect, test } from 'vitest';
import { baseFixture, imageFixture } from './image-fixture.ts';
import type { Image } from '../../src/catalog/image.ts';
import type { BuildInputs } from '../../src/tag/build-inputs.ts';
import { computeBuildInputs } from '../../src/tag/compute-build-inputs.ts';
import { changedInputs } from '../../src/tag/explain-change.ts';
import { emptyHashCache } from '../../src/tag/hash-cache.ts';
import { immutableTag } from '../../src/tag/immutable-tag.ts';
import { memoryTree } from '../support/memory-tree.ts';

const FILES = { 'ctx/Dockerfile': 'FROM x', 'ctx/file': 'x', 'ctx/Other': 'FROM x' };

function inputsOf(changes: Partial<Image>, files: Record<string, string> = {}): BuildInputs {
  return computeBuildInputs(
    imageFixture(changes),
    memoryTree({ ...FILES, ...files }),
    emptyHashCache(),
  );
}

const BEFORE = inputsOf({ args: { A: '1', B: '2' } });

describe('each build input alone changes its own part and the tag', () => {
  test.each<[part: string, Partial<Image>, Record<string, string>?]>([
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

describe('what is no build input', () => {
  test.each<[string, Partial<Image>]>([
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
  expect(Object.keys(BEFORE)).toEqual(['base', 'dockerfile', 'context', 'args', 'platform']);
  for (const hash of Object.values(BEFORE)) expect(hash).toMatch(/^[0-9a-f]{64}$/);
});

test('what builds get that follows from the inputs, such as SOURCE_DATE_EPOCH, changes no tag', () => {
  // As it was before builds got that argument.
  const tag = immutableTag(inputsOf({ args: { A: '1' }, snapshot: '2026-11-01' }));
  expect(tag).toBe('d57e5190522f8aedcf6c6fd84422e85e');
});
