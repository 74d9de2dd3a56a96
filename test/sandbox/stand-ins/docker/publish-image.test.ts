import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { UNKNOWN, type Properties } from '../../../../infra/oci/protocol/resource-type.ts';
import { parseImageInputs } from '../../../../infra/sandbox/stand-ins/docker/image-inputs.ts';
import {
  composeBuild,
  publishImage,
} from '../../../../infra/sandbox/stand-ins/docker/publish-image.ts';
import { scriptedDocker, succeeded } from './scripted-docker.ts';

const NAME = 'registry.example/team/app:v1';
const DIGEST = `sha256:${'ab'.repeat(32)}`;
const PUSHED = succeeded('The push refers to ...', `v1: digest: ${DIGEST} size: 941`);
const LOGIN = { server: 'registry.example', username: 'ci', password: 'open sesame' };

let home: string;
let logged: string[];

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'docker-home-'));
  vi.stubEnv('DOCKER_CONFIG', home);
  logged = [];
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(home, { recursive: true });
});

function publish(
  docker: ReturnType<typeof scriptedDocker>,
  inputs: Properties = {},
): Promise<string> {
  const build = { context: 'app', dockerfile: 'app/Dockerfile', platform: 'linux/amd64' };
  const image = parseImageInputs({ imageName: NAME, build, ...inputs });
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
    for (const { env } of docker.calls) expect(env['DOCKER_HOST']).toBe('unix:///daemon.sock');
  });

  test('a failed build names the image, shows the end of the output and does not push', async () => {
    const lines = Array.from({ length: 40 }, (_, number) => `line ${String(number)}`);
    const docker = scriptedDocker({ build: { code: 17, lines } });
    const failure = publish(docker).catch((error: unknown) => String(error));
    expect(await failure).toContain(`building ${NAME} failed`);
    expect(await failure).toContain('line 39');
    expect(await failure).not.toContain('line 10\n');
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

describe('credentials', () => {
  const auth = Buffer.from('ci:open sesame').toString('base64');

  test("reach Docker in a folder that is gone afterwards, on top of the user's own", async () => {
    const own = { auths: { 'other.example': { auth: 'b3RoZXI=' } }, credsStore: 'desktop' };
    writeFileSync(join(home, 'config.json'), JSON.stringify(own));
    mkdirSync(join(home, 'cli-plugins'));
    const docker = scriptedDocker({ build: succeeded(), push: PUSHED });
    await publish(docker, { registry: LOGIN });
    for (const { env, config } of docker.calls) {
      expect(config).toEqual({
        auths: { ...own.auths, 'registry.example': { auth } },
        credsStore: 'desktop',
        credHelpers: { 'registry.example': '' },
      });
      expect(existsSync(env['DOCKER_CONFIG'] ?? '')).toBe(false);
    }
    expect(JSON.parse(readFileSync(join(home, 'config.json'), 'utf8'))).toEqual(own);
    expect(existsSync(join(home, 'cli-plugins'))).toBe(true);
  });

  test('are in no argument, log line or error, and are removed after a failure too', async () => {
    const push = { code: 1, lines: ['denied: open sesame'] };
    const docker = scriptedDocker({ build: succeeded('got open sesame'), push });
    const failure = await publish(docker, { registry: LOGIN }).catch((error: unknown) => error);
    const seen = [String(failure), ...logged, ...docker.calls.flatMap(({ args }) => args)].join();
    expect(seen).toContain('[secret]');
    expect(seen).not.toContain('open sesame');
    expect(existsSync(docker.calls[0]?.env['DOCKER_CONFIG'] ?? '')).toBe(false);
  });
});

test.each<[string, Properties]>([
  ['build.args.A', { args: { A: UNKNOWN } }],
  ['build.target', { target: true }],
])('a build with a wrong type is an error that names %s', (path, build) => {
  const inputs = { imageName: NAME, build: { context: 'app', dockerfile: 'Dockerfile', ...build } };
  expect(() => parseImageInputs(inputs)).toThrow(path);
});

describe('composeBuild', () => {
  function compose(build: Properties) {
    const base = { context: 'app', dockerfile: 'app/Dockerfile' };
    return composeBuild(parseImageInputs({ imageName: NAME, build: { ...base, ...build } }));
  }

  test('every option of the build is passed on, the context last', () => {
    const { args, env } = compose({ platform: 'linux/arm64', target: 'run' });
    expect(args.slice(0, 2)).toEqual(['build', '--progress=plain']);
    expect(args.slice(2)).toEqual(
      [
        ['--tag', NAME],
        ['--file', resolve('app/Dockerfile')],
        ['--platform', 'linux/arm64'],
        ['--target', 'run'],
        [resolve('app')],
      ].flat(),
    );
    expect(env['DOCKER_BUILDKIT']).toBe('1');
  });

  test('the value of a build argument is in the environment, never among the arguments', () => {
    const { args, env } = compose({ args: { TOKEN: 's3cret', EMPTY: '' } });
    expect(args.join(' ')).toContain('--build-arg TOKEN --build-arg EMPTY');
    expect(args.join(' ')).not.toContain('s3cret');
    expect(env).toMatchObject({ TOKEN: 's3cret', EMPTY: '' });
  });

  test.each(['PATH', 'HOME', 'DOCKER_HOST', 'DOCKER_CONFIG', 'BUILDX_BUILDER'])(
    'a build argument called %s does not steer the docker command',
    (name) => {
      const { args, env } = compose({ args: { [name]: 'value' } });
      expect(args).toContain(`${name}=value`);
      expect(env[name]).toBeUndefined();
    },
  );
});
