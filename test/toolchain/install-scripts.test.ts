import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

interface Locked {
  readonly hasInstallScript?: boolean;
  readonly integrity?: string;
}

const read = (file: string): unknown => JSON.parse(readFileSync(file, 'utf8'));
const { allowScripts } = read('package.json') as { readonly allowScripts: object };
const { packages } = read('package-lock.json') as {
  readonly packages: Readonly<Record<string, Locked>>;
};
const locked = Object.entries(packages).filter(([path]) => path !== '');

// An npm before 11.16 runs each install script, so the lock must have no other one.
test('only the package of Node may run an install script', () => {
  const scripted = locked.filter(([, { hasInstallScript }]) => hasInstallScript === true);
  const decided = Object.keys(allowScripts).map((name) => `node_modules/${name}`);
  expect(scripted.map(([path]) => path)).toEqual(decided);
  expect(Object.entries(allowScripts).filter(([, isAllowed]) => isAllowed)).toEqual([
    ['node', true],
  ]);
  expect(readFileSync('.npmrc', 'utf8')).toMatch(/^strict-allow-scripts=true$/m);
});

test('every package has a checksum', () => {
  expect(locked.filter(([, { integrity }]) => !integrity?.startsWith('sha512-'))).toEqual([]);
});
