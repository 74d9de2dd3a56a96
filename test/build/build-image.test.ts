import { beforeEach, expect, test, vi } from 'vitest';
import { BuildError, buildImage } from '../../src/build/build-image.ts';
import { scriptedDocker } from './scripted-docker.ts';

beforeEach(() => {
  // What is looked at beside the build.
  vi.stubEnv('DOCKER_CLI', '/nowhere/docker');
});

async function failureOf(lines: readonly string[]) {
  const docker = scriptedDocker({ build: { code: 1, lines } });
  const build = { context: 'a', dockerfile: 'a/Dockerfile', platform: 'linux/arm64' };
  const error = await buildImage(
    { imageName: 'localhost/a:b', build },
    {
      ...{ bytes: 1e9, note: () => undefined, run: docker.run },
      signal: new AbortController().signal,
    },
  ).catch((thrown: unknown) => thrown);
  if (!(error instanceof BuildError)) throw error;
  const { code, problem, remedy, shown } = error;
  return { code, problem, remedy, shown };
}

test.each([
  [
    [
      '#5 0.1 exec /bin/sh: exec format error',
      'ERROR: did not complete successfully: exit code: 1',
    ],
    'FOREIGN_PLATFORM',
    /qemu-user-static/,
  ],
  [
    ['ERROR: BuildKit is enabled but the buildx component is missing or broken.'],
    'MISSING_PROGRAM',
    /apt-get install docker-buildx/,
  ],
  [['ERROR: write /x: no space left on device'], 'NO_SPACE', /make room/],
  [
    ['ERROR: failed to do request: dial tcp: lookup r.test: no such host'],
    'BASE_UNREACHABLE',
    /name of the registry/,
  ],
  [
    ['ERROR: unexpected status from HEAD request to https://r.test/v2/a: 503 Service Unavailable'],
    'BASE_UNREACHABLE',
    /try again later/,
  ],
  [['ERROR: toomanyrequests: You have reached your limit'], 'BASE_UNREACHABLE', /limits the rate/],
  [
    ['ERROR: docker.io/library/debian@sha256:ab: pull access denied, authorization failed'],
    'BUILD_FAILED',
    /log in to the registry/,
  ],
  // The words are those of a command.
  [
    ['executor failed running [/bin/sh -c echo denied, connection refused]: exit code: 9'],
    'BUILD_FAILED',
    /^correct what this command needs/,
  ],
])('of %j, a build fails with %s', async (lines, code, remedy) => {
  const failure = await failureOf(lines);
  expect(failure).toMatchObject({ code, shown: lines });
  expect(failure.remedy).toMatch(remedy);
});

test('a failure shows the end of what Docker printed', async () => {
  const lines = Array.from({ length: 100 }, (_, at) => `line ${at}`);
  const { problem, shown } = await failureOf(lines);
  expect(problem).toBe('line 99');
  expect(shown).toEqual(lines.slice(-30));
});
