import { beforeEach, describe, expect, test } from 'vitest';
import { UNKNOWN, type Properties } from '../../../../infra/oci/protocol/resource-type.ts';
import { parseImageInputs } from '../../../../infra/sandbox/stand-ins/docker/image-inputs.ts';
import { publishImage } from '../../../../infra/sandbox/stand-ins/docker/publish-image.ts';
import { scriptedDocker, succeeded } from '../../../build/scripted-docker.ts';

const NAME = 'registry.example/team/app:v1';
const DIGEST = `sha256:${'ab'.repeat(32)}`;
const PUSHED = succeeded('The push refers to ...', `v1: digest: ${DIGEST} size: 941`);

let logged: string[];

beforeEach(() => {
  logged = [];
});

function publish(docker: ReturnType<typeof scriptedDocker>): Promise<string> {
  const build = { context: 'app', dockerfile: 'app/Dockerfile', platform: 'linux/amd64' };
  const image = parseImageInputs({ imageName: NAME, build });
  return publishImage(image, {
    run: docker.run,
    daemon: { DOCKER_HOST: 'unix:///daemon.sock' },
    log: (severity, message) => logged.push(`${severity}: ${message}`),
    signal: new AbortController().signal,
  });
}

describe('publishImage', () => {
  test('builds, pushes and returns the digest in the registry', async () => {
    const docker = scriptedDocker({ build: succeeded(), push: PUSHED });
    expect(await publish(docker)).toBe(`registry.example/team/app@${DIGEST}`);
    expect(docker.calls.map(({ args }) => args[0])).toEqual(['build', 'push']);
    for (const { env } of docker.calls) {
      expect(env['DOCKER_HOST']).toBe('unix:///daemon.sock');
      // The login is that of the Docker configuration.
      expect(env).not.toHaveProperty('DOCKER_CONFIG');
    }
  });

  test('a failed build is an error with the last line of the output, and does not push', async () => {
    const docker = scriptedDocker({ build: { code: 17, lines: ['line 1', 'line 2'] } });
    await expect(publish(docker)).rejects.toThrow(/^line 2$/);
    expect(docker.calls).toHaveLength(1);
  });

  test('a push without a digest is an error', async () => {
    const docker = scriptedDocker({ build: succeeded(), push: succeeded('done') });
    await expect(publish(docker)).rejects.toThrow('did not print its digest');
  });

  test('the output of Docker becomes status lines, without the bare ids of steps', async () => {
    const build = succeeded('#1 [1/2] FROM base', `#1 ${DIGEST}`);
    await publish(scriptedDocker({ build, push: PUSHED }));
    expect(logged).toContain('status: #1 [1/2] FROM base');
    expect(logged.join()).not.toContain(`#1 ${DIGEST}`);
  });
});

test.each<[string, Properties]>([
  ['build.args.A', { args: { A: UNKNOWN } }],
  ['build.target', { target: true }],
])('a build with a wrong type is an error that names %s', (path, build) => {
  const inputs = { imageName: NAME, build: { context: 'app', dockerfile: 'Dockerfile', ...build } };
  expect(() => parseImageInputs(inputs)).toThrow(path);
});
