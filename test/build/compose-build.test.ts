import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { composeBuild, type ImageBuild } from '../../src/build/compose-build.ts';

const NAME = 'registry.example/team/app:v1';

describe('composeBuild', () => {
  function compose(build: Partial<ImageBuild['build']>) {
    const base = { context: 'app', dockerfile: 'app/Dockerfile' };
    return composeBuild({ imageName: NAME, build: { ...base, ...build } });
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

  test.each(['LDAP_PASSWORD', 'GOOGLE_API_KEY', 'GOPROXY'])(
    'a build argument called %s steers nothing, and is not among the arguments',
    (name) => {
      const { args, env } = compose({ args: { [name]: 's3cret' } });
      expect(args.join(' ')).not.toContain('s3cret');
      expect(env[name]).toBe('s3cret');
    },
  );

  test.each([
    'PATH',
    'HOME',
    'DOCKER_HOST',
    'DOCKER_CONFIG',
    'BUILDX_BUILDER',
    'LD_PRELOAD',
    'GODEBUG',
  ])('a build argument called %s does not steer the docker command', (name) => {
    const { args, env } = compose({ args: { [name]: 'value' } });
    expect(args).toContain(`${name}=value`);
    expect(env[name]).toBeUndefined();
  });
});
