import { expect, test } from 'vitest';
import { describeSpace } from '../../src/disk/describe-space.ts';

const NEED = {
  ...{ disks: 3, unknown: 1, download: 4e9, prepared: 3e9, largest: 5e9 },
  ...{ docker: [], unseen: 0 },
};

test.each([
  [
    7e9,
    'info',
    /^VM disks to build: 3 \(1 of unknown size not counted\); they need about 4\.0 GB of .* 3\.0 GB/,
  ],
  [6.9e9, 'warning', /and 6\.9 GB are free in \/cache: they may not fit; make room there/],
  [5e9, 'warning', /they may not fit/],
  [4.9e9, 'error', /^NO_SPACE .* one of them alone needs at least 5\.0 GB; make room there/],
])('with %d bytes free it is told as %s', (free, severity, text) => {
  const described = describeSpace({ ...NEED, free }, '/cache');
  expect(described.severity).toBe(severity);
  expect(described.text).toMatch(text);
});

const ELSEWHERE = { folders: ['/docker'], needed: 9e9, free: 9e9, isShared: false };
const BESIDE = { folders: ['/docker'], needed: 9e9, free: 16e9, isShared: true };

test.each([
  [
    'room elsewhere',
    7e9,
    ELSEWHERE,
    'info',
    /about 9\.0 GB for them in \/docker, where 9\.0 GB are free$/,
  ],
  [
    'too little elsewhere',
    7e9,
    { ...ELSEWHERE, free: 8.9e9 },
    'warning',
    /8\.9 GB are free: .*docker system prune/,
  ],
  ['none elsewhere', 7e9, { ...ELSEWHERE, free: 0 }, 'warning', /docker system prune/],
  [
    'room beside the disks',
    16e9,
    BESIDE,
    'info',
    /about 9\.0 GB for them in \/docker, on the same file system$/,
  ],
  [
    'too little beside the disks',
    15.9e9,
    BESIDE,
    'warning',
    /same file system: they may not fit; .*docker system prune/,
  ],
])('with %s for Docker it is told as %s', (_, free, docker, severity, text) => {
  const described = describeSpace({ ...NEED, free, docker: [docker] }, '/cache');
  expect(described.severity).toBe(severity);
  expect(described.text).toMatch(text);
});

test('engines on one file system are told together', () => {
  const docker = [{ ...ELSEWHERE, folders: ['/docker', '/other'] }];
  const { text } = describeSpace({ ...NEED, free: 7e9, docker }, '/cache');
  expect(text).toContain('about 9.0 GB for them in /docker and /other, where');
});

test('room of Docker that can not be seen is no part of the sum', () => {
  const { severity, text } = describeSpace({ ...NEED, free: 7e9, unseen: 2 }, '/cache');
  expect(severity).toBe('info');
  expect(text).toMatch(/; what room Docker has for 2 of them is not known here$/);
});
