import { expect, test } from 'vitest';
import { offersPlatform } from '../../src/refresh/refresh-bases.ts';

test.each([
  ['linux/amd64', ['linux/arm64', 'linux/amd64'], true],
  ['linux/amd64', ['linux/arm64'], false],
  ['linux/amd64', [], false],
  ['linux/amd64', ['windows/amd64'], false],
  ['linux/amd64', ['linux/amd64/v1'], true],
  ['linux/amd64', ['linux/amd64/v3'], false],
  ['linux/amd64/v3', ['linux/amd64'], true],
  ['linux/arm64', ['linux/arm64/v8'], true],
  ['linux/arm64', ['linux/arm/v7'], false],
  ['linux/arm/v7', ['linux/arm'], true],
  ['linux/arm/v7', ['linux/arm/v6'], true],
  ['linux/arm/v6', ['linux/arm/v7'], false],
  ['linux/386', ['linux/amd64'], false],
])('%s can be built from a base for %j: %s', (wanted, offered, expected) => {
  expect(offersPlatform(offered, wanted)).toBe(expected);
});
