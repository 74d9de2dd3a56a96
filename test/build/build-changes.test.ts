import { expect, test } from 'vitest';
import { buildChanges, hasFailed } from '../../src/build/build-changes.ts';
import type { BuildResult, Built } from '../../src/build/build-results.ts';
import type { tryAndCompare } from '../../src/build/try-and-compare.ts';
import { someSettings } from '../settings/some-settings.ts';
import { someBuild, somePlannedImage } from '../support/some-planned-image.ts';

const target = (name: string) => ({ name, platform: 'linux/amd64' });

function built(name: string, changes: Partial<Built> = {}): Built {
  return {
    kind: 'built',
    ...target(name),
    start: { kind: 'up', sign: 'systemd is running', seconds: 3 },
    seconds: 60,
    size: 5e9,
    packages: { kind: 'known', count: 2 },
    differences: { kind: 'known', changes: [] },
    ...changes,
  };
}

const failed = (name: string, code: string): BuildResult => ({
  ...{ kind: 'failed', ...target(name), code, reason: `${code}  why; remedy`, shown: [] },
});

interface Given {
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly obstacle?: string;
  readonly resultOf?: (name: string) => BuildResult;
}

/** Builds these images, each in a minute, with what each may take. */
async function run(names: readonly string[], { settings = {}, obstacle, resultOf = built }: Given) {
  let time = 0;
  const limits: unknown[] = [];
  const tryOne: typeof tryAndCompare = ({ name }, _, options) => {
    time += 60_000;
    limits.push({ ...options.limits, start: options.startTimeout });
    return Promise.resolve(resultOf(name));
  };
  const changes = names.map((name) => ({
    image: somePlannedImage({ name }),
    build: someBuild('linux/amd64', '0123456789abcdef0123456789abcdef'),
  }));
  const { builds, notBuilt } = await buildChanges(changes, {
    ...{ root: '/', settings: someSettings(settings), tryOne, note: () => undefined },
    origin: { revision: '', source: '', created: '' },
    signal: new AbortController().signal,
    findObstacle: () => Promise.resolve(obstacle),
    now: () => time,
  });
  const outcomes = builds.map((result) =>
    result.kind === 'left-out' ? `${result.name}: ${result.reason}` : result.kind,
  );
  return { outcomes, limits, notBuilt };
}

test.each([
  [{ previewBuilds: 2 }, ['built', 'built', 'c: only 2 are built (previewBuilds)']],
  [
    { previewBuildSeconds: 100 },
    ['built', 'built', 'c: 100 s for all builds are over (previewBuildSeconds)'],
  ],
  [
    { previewBuildGigabytes: 8 },
    ['built', 'built', 'c: 8 GB for all builds are taken (previewBuildGigabytes)'],
  ],
  [{}, ['built', 'built', 'built']],
])('with %j, what does not fit is left out by name', async (settings, expected) => {
  expect((await run(['a', 'b', 'c'], { settings })).outcomes).toEqual(expected);
});

test('an image counts once, whatever the number of its platforms', async () => {
  const { outcomes } = await run(['a', 'a', 'b'], { settings: { previewBuilds: 1 } });
  expect(outcomes).toEqual(['built', 'built', 'b: only 1 are built (previewBuilds)']);
});

test('each build may take what is left of the limits', async () => {
  const settings = { previewBuildSeconds: 100, previewBuildGigabytes: 8, buildTimeoutSeconds: 90 };
  expect((await run(['a', 'b'], { settings })).limits).toEqual([
    { seconds: 90, bytes: 8e9, start: 100 },
    { seconds: 40, bytes: 3e9, start: 40 },
  ]);
});

test('nothing is built where nobody wants it, and without an engine it is said why', async () => {
  expect(await run(['a'], { settings: { previewBuilds: 0 }, obstacle: 'x' })).toEqual({
    ...{ outcomes: [], limits: [], notBuilt: undefined },
  });
  expect(await run([], { obstacle: 'x' })).toMatchObject({ outcomes: [], notBuilt: undefined });
  const without = await run(['a'], { obstacle: 'there is no Docker Engine' });
  expect(without).toEqual({ outcomes: [], limits: [], notBuilt: 'there is no Docker Engine' });
});

test.each([
  ['BUILD_FAILED', 'failed'],
  ['CHECKSUM_MISMATCH', 'failed'],
  // Of this run, and not of the image.
  ['BUILD_TIMEOUT', 'a: BUILD_TIMEOUT  why; remedy'],
  ['BUILD_TOO_LARGE', 'a: BUILD_TOO_LARGE  why; remedy'],
  ['FOREIGN_PLATFORM', 'a: FOREIGN_PLATFORM  why; remedy'],
  ['MISSING_PROGRAM', 'a: MISSING_PROGRAM  why; remedy'],
  ['NO_SPACE', 'a: NO_SPACE  why; remedy'],
  ['BASE_UNREACHABLE', 'a: BASE_UNREACHABLE  why; remedy'],
])('%s is %s', async (code, expected) => {
  const { outcomes } = await run(['a'], { resultOf: (name) => failed(name, code) });
  expect(outcomes).toEqual([expected]);
});

test('a build that takes longer than any may fails, whatever time is left', async () => {
  const settings = { buildTimeoutSeconds: 60 };
  const resultOf = (name: string) => failed(name, 'BUILD_TIMEOUT');
  expect((await run(['a'], { settings, resultOf })).outcomes).toEqual(['failed']);
});

test('a merge request fails for a build that fails, and for a start where the stack verifies', () => {
  const down = built('a', { start: { kind: 'down', reason: 'x', shown: [] } });
  const unknown = built('a', { start: { kind: 'unknown', reason: 'x' } });
  const leftOut: BuildResult = { kind: 'left-out', ...target('a'), reason: 'x' };
  const fails = (result: BuildResult, verifyTimeout?: number) =>
    hasFailed({ builds: [built('b'), result] }, { verifyTimeout });
  expect(fails(failed('a', 'BUILD_FAILED'))).toBe(true);
  expect(fails(down, 600)).toBe(true);
  expect([fails(down), fails(unknown, 600), fails(leftOut, 600)]).toEqual([false, false, false]);
});
