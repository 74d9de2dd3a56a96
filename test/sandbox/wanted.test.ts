import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { sandboxAt } from '../../infra/sandbox/sandbox.ts';
import { needsEmulation, readWanted, rememberPlatforms } from '../../infra/sandbox/wanted.ts';
import { temporaryFolder } from '../git/temporary-folder.ts';

const ONE = ['linux/amd64'];
const BOTH = ['linux/amd64', 'linux/arm64'];

test.each([
  ['', ONE],
  ['--platforms linux/amd64', ONE],
  ['--platforms linux/arm64', BOTH],
  ['--platforms=linux/arm64,linux/amd64,linux/arm64', BOTH],
  ['--platforms linux/arm64 --platforms linux/amd64', BOTH],
])('npm start -- %s builds for %j', (args, platforms) => {
  const wanted = readWanted(args.split(' ').filter(Boolean), sandboxAt(temporaryFolder()));
  expect(wanted).toEqual({ isDiskWanted: false, platforms });
});

test.each([
  ['--platforms linux/arm', 'builds no images for "linux/arm"'],
  ['--platforms linux/riscv64', 'the platforms are linux/amd64 and linux/arm64'],
  ['--platforms linux/arm64,', 'builds no images for ""'],
  ['--platforms ARM64', 'the platforms are'],
  ['--platforms', 'run `npm start`'],
  ['--platform linux/arm64', 'run `npm start`'],
  ['linux/arm64', 'run `npm start`'],
  ['--vmdisk', 'run `npm start`, `npm start -- --vm-disk`'],
])('npm start -- %s is refused: %s', (args, words) => {
  expect(() => readWanted(args.split(' '), sandboxAt(temporaryFolder()))).toThrow(words);
});

test('platforms are remembered until others are wanted, and a disk that is there', () => {
  const sandbox = sandboxAt(temporaryFolder());
  rememberPlatforms(sandbox, readWanted(['--platforms', 'linux/arm64'], sandbox));
  expect(readWanted([], sandbox).platforms).toEqual(BOTH);
  rememberPlatforms(sandbox, readWanted(['--platforms', 'linux/amd64'], sandbox));
  expect(readWanted([], sandbox).platforms).toEqual(ONE);
  const disk = join(sandbox.upstreamFolder, 'files/debian-12.raw.xz');
  mkdirSync(dirname(disk), { recursive: true });
  writeFileSync(disk, '');
  expect(readWanted([], sandbox).isDiskWanted).toBe(true);
});

test.each([
  ['x64', ONE, false],
  ['x64', BOTH, true],
  ['arm64', ONE, true],
] as const)('on %s, %j needs emulation: %s', (processor, platforms, isNeeded) => {
  const wanted = { isDiskWanted: false, platforms: [...platforms] as never };
  expect(needsEmulation(wanted, processor)).toBe(isNeeded);
});
