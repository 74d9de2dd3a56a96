import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canUseBuildKit } from '../../infra/toolchain/docker-client.ts';
import { isUsable } from '../../infra/toolchain/pulumi-engine.ts';
import { isAtLeast } from '../../infra/toolchain/programs.ts';

test.each([
  ['v3.274.1', true],
  ['v3.215.0', true],
  ['v3.214.9', false],
  ['v3.99.0', false], // as text, 3.99 would come after 3.215
  ['v4.0.0', true],
  ['3.215.0-alpha.1', true],
  ['', false],
  ['unknown', false],
])('an engine of version %j is usable: %s', (version, usable) => {
  expect(isUsable(version)).toBe(usable);
});

test.each([
  ['Docker version 20.10.24+dfsg1, build 297e128', false, true],
  ['Docker version 22.9.9, build 1', false, true],
  ['Docker version 23.0.0, build 1', false, false],
  ['Docker version 28.2.2, build e6534b4', false, false],
  ['Docker version 28.2.2, build e6534b4', true, true],
  ['podman version 4.9.3', false, false],
  ['podman version 4.9.3', true, false],
  ['nerdctl version 1.7.7', true, false],
  ['', false, false],
])('a client %j, buildx %s, can use BuildKit: %s', (version, hasBuildx, can) => {
  expect(canUseBuildKit(version, hasBuildx)).toBe(can);
});

const version = fc.array(fc.nat(400), { minLength: 1, maxLength: 4 });

test('versions are ordered: of two, one is at least the other, and both only if they are equal', () => {
  fc.assert(
    fc.property(version, version, (a, b) => {
      const forth = isAtLeast(a, b);
      const back = isAtLeast(b, a);
      expect(forth || back).toBe(true);
      const padded = (numbers: number[]) => [...numbers, 0, 0, 0].slice(0, 4).join('.');
      expect(forth && back).toBe(padded(a) === padded(b));
    }),
  );
});
