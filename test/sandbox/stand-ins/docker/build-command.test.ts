import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { composeBuild } from '../../../../infra/sandbox/stand-ins/docker/publish-image.ts';
import { parseImageInputs } from '../../../../infra/sandbox/stand-ins/docker/image-inputs.ts';
import { UNKNOWN, type Properties } from '../../../../infra/oci/protocol/resource-type.ts';

const NAME = 'registry.example/app:v1';

function compose(build: Properties) {
  const base = { context: 'app', dockerfile: 'app/Dockerfile' };
  return composeBuild(parseImageInputs({ imageName: NAME, build: { ...base, ...build } }));
}

describe('composeBuild', () => {
  test('every option of the build is passed on, the context last', () => {
    const { args } = compose({
      platform: 'linux/arm64',
      target: 'run',
      network: 'none',
      addHosts: ['mirror:10.0.0.1', 'cache:10.0.0.2'],
      cacheFrom: { images: ['registry.example/app:cache'] },
    });
    expect(args).toEqual([
      'build',
      '--progress=plain',
      ...['--tag', NAME],
      ...['--file', resolve('app/Dockerfile')],
      ...['--platform', 'linux/arm64'],
      ...['--target', 'run'],
      ...['--network', 'none'],
      ...['--add-host', 'mirror:10.0.0.1'],
      ...['--add-host', 'cache:10.0.0.2'],
      ...['--cache-from', 'registry.example/app:cache'],
      resolve('app'),
    ]);
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

  test.each([
    [undefined, '1'],
    ['BuilderBuildKit', '1'],
    ['BuilderV1', '0'],
  ])('builder %s sets DOCKER_BUILDKIT=%s', (builderVersion, value) => {
    const { env } = compose(builderVersion === undefined ? {} : { builderVersion });
    expect(env['DOCKER_BUILDKIT']).toBe(value);
  });
});

describe('parseImageInputs', () => {
  test.each<[string, Properties, RegExp]>([
    ['unknown argument', { args: { A: UNKNOWN } }, /build\.args\.A is not known yet/],
    ['number as argument', { args: { A: 1 } }, /build\.args\.A must be a string/],
    ['unknown builder', { builderVersion: 'V3' }, /build\.builderVersion must be/],
    ['wrong type', { target: true }, /build\.target must be a string/],
    ['wrong list', { addHosts: 'a' }, /build\.addHosts must be a list/],
  ])('%s is refused by its path', (_, build, message) => {
    expect(() => compose(build)).toThrow(message);
  });

  test('a null argument is left out', () => {
    expect(compose({ args: { A: null } }).args).not.toContain('A');
  });
});
