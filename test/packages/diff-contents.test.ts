import { expect, test } from 'vitest';
import { diffContents, type PlatformContent } from '../../src/packages/diff-contents.ts';
import { packagesOf } from './packages-of.ts';

const CONTENT: PlatformContent = {
  base: 'docker.io/library/debian:12@sha256:a',
  sizeBytes: 100,
  labels: { revision: 'abc', version: '12' },
  packages: packagesOf('deb', [
    'linux-image-6.1.0-9-amd64 6.1.9-1 amd64',
    'linux-image-amd64 6.1.9-1 amd64',
  ]),
};

test('equal images do not differ', () => {
  expect(diffContents(CONTENT, CONTENT)).toEqual({
    base: undefined,
    kernel: undefined,
    sizeBytes: undefined,
    labels: [],
    packages: { kind: 'known', changes: [] },
  });
});

test('base, kernel, size and labels are compared', () => {
  const kernels = [
    'linux-image-6.1.0-9-amd64 6.1.9-1 amd64',
    'linux-image-6.1.0-10-amd64 6.1.10-1 amd64',
  ];
  const after: PlatformContent = {
    base: 'docker.io/library/debian:12@sha256:b',
    sizeBytes: 101,
    labels: { created: 'now', version: '12' },
    packages: packagesOf('deb', kernels),
  };
  expect(diffContents(CONTENT, after)).toMatchObject({
    base: { before: CONTENT.base, after: after.base },
    kernel: {
      before: 'linux-image-6.1.0-9-amd64 6.1.9-1',
      after: 'linux-image-6.1.0-10-amd64 6.1.10-1',
    },
    sizeBytes: { before: 100, after: 101 },
    labels: [
      { name: 'created', before: undefined, after: 'now' },
      { name: 'revision', before: 'abc', after: undefined },
    ],
  });
});

test('a label may have the name of what each object has', () => {
  const after = { ...CONTENT, labels: { ...CONTENT.labels, constructor: 'x' } };
  expect(diffContents(CONTENT, after).labels).toEqual([
    { name: 'constructor', before: undefined, after: 'x' },
  ]);
});

test.each([
  ['kernel-core 6.17.1-300.fc43 x86_64', 'kernel-core 6.17.1-300.fc43'],
  ['kernel-default 6.4.0-150600.23.1 x86_64', 'kernel-default 6.4.0-150600.23.1'],
  ['kernel-uek-core 6.12.0-1.el9uek x86_64', 'kernel-uek-core 6.12.0-1.el9uek'],
  // Of Amazon Linux, CentOS 7, openEuler and Oracle Linux 7.
  ['kernel 6.6.0-72.oe2403 x86_64', 'kernel 6.6.0-72.oe2403'],
  ['kernel6.12 6.12.40-63.amzn2023 x86_64', 'kernel6.12 6.12.40-63.amzn2023'],
  ['kernel-uek 4.14.35-1818.el7uek x86_64', 'kernel-uek 4.14.35-1818.el7uek'],
  ['kernel-headers 6.17.1-300.fc43 x86_64', undefined],
  ['kernel-modules-core 6.17.1-300.fc43 x86_64', undefined],
  ['kernel-tools 6.6.0-72.oe2403 x86_64', undefined],
])('%s as a kernel', (line, kernel) => {
  const before = { ...CONTENT, packages: packagesOf('rpm', ['bash 1-1 noarch']) };
  const after = { ...CONTENT, packages: packagesOf('rpm', [line]) };
  expect(diffContents(before, after).kernel?.after).toBe(kernel);
});

test('a package that only depends on a kernel is none', () => {
  const both = ['kernel 5.14-9 x86_64', 'kernel-core 5.14-9 x86_64'];
  const before = { ...CONTENT, packages: packagesOf('rpm', both) };
  const after = { ...CONTENT, packages: packagesOf('rpm', both.slice(1)) };
  expect(diffContents(before, after).kernel).toBeUndefined();
});

test('an unknown list makes packages and kernel unknown, not gone', () => {
  const after = { ...CONTENT, packages: { kind: 'unknown', reason: 'none' } as const };
  expect(diffContents(CONTENT, after)).toMatchObject({
    kernel: undefined,
    packages: { kind: 'unknown', reason: 'after: none' },
  });
});

test('a platform that one version lacks has its values on one side', () => {
  expect(diffContents(undefined, CONTENT)).toMatchObject({
    base: { before: undefined, after: CONTENT.base },
    sizeBytes: { before: undefined, after: 100 },
    packages: { kind: 'unknown', reason: 'before: there is no image for this platform' },
  });
});
