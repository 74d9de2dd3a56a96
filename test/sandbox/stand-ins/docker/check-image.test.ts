import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { UNKNOWN, type Properties } from '../../../../infra/oci/protocol/resource-type.ts';
import { checkImage } from '../../../../infra/sandbox/stand-ins/docker/check-image.ts';

const IMAGE_NAME = 'registry.example/team/app:v1';

let root: string;
let context: string;
let logged: string[];

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'check-image-'));
  context = join(root, 'app');
  mkdirSync(context);
  writeFileSync(join(context, 'Dockerfile'), 'FROM scratch\n');
  logged = [];
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

function check(news: Properties) {
  return checkImage({ imageName: IMAGE_NAME, ...news }, (severity, message) => {
    logged.push(`${severity}: ${message}`);
  });
}

describe('checkImage', () => {
  test('completes Dockerfile, platform and the digest of the context', async () => {
    const { inputs, failures } = await check({ build: { context } });
    expect(failures).toEqual([]);
    expect(inputs).toMatchObject({
      build: {
        context,
        dockerfile: join(context, 'Dockerfile'),
        platform: expect.stringMatching(/^linux\/(amd64|arm64)$/) as string,
        contextDigest: expect.stringMatching(/^[a-f0-9]{64}$/) as string,
      },
    });
    expect(logged).toHaveLength(1);
  });

  test('a missing Dockerfile is named, and the one inside the context suggested', async () => {
    const { failures } = await check({ build: { context, dockerfile: 'Dockerfile' } });
    expect(failures).toEqual([
      { property: 'build.dockerfile', reason: expect.stringContaining('"Dockerfile"') as string },
    ]);
    expect(failures[0]?.reason).toContain(`try "${join(context, 'Dockerfile')}"`);
  });

  test.each<[string, Properties]>([
    ['imageName', { imageName: 'app:v1', build: { context: '.' } }],
    ['build.cacheFrom', { build: { cacheFrom: { images: ['registry.example/app:cache'] } } }],
    ['build.builderVersion', { build: { builderVersion: 'BuilderV1' } }],
    ['buildOnPreview', { buildOnPreview: true, build: {} }],
  ])('a wrong or unsupported %s is a failure', async (property, news) => {
    const build = { ...(news['build'] as Properties), context };
    const { failures } = await check({ ...news, build });
    expect(failures).toMatchObject([{ property }]);
  });

  test('all problems are reported at once', async () => {
    const { failures } = await check({ imageName: 'app', build: { context: join(root, 'none') } });
    expect(failures.map(({ property }) => property)).toEqual(['imageName', 'build.dockerfile']);
  });

  test('an unknown argument, name or credential does not keep the context from being hashed', async () => {
    const { inputs, failures } = await check({
      imageName: UNKNOWN,
      build: { context, args: { REVISION: UNKNOWN } },
      registry: { password: UNKNOWN },
    });
    expect(failures).toEqual([]);
    expect(inputs).toMatchObject({
      imageName: UNKNOWN,
      build: {
        args: { REVISION: UNKNOWN },
        contextDigest: expect.stringMatching(/^[a-f0-9]{64}$/) as string,
      },
    });
  });

  test.each<[string, Properties]>([
    ['build', { build: UNKNOWN }],
    ['build.context', { build: { context: UNKNOWN } }],
    ['build.dockerfile', { build: { context: '.', dockerfile: UNKNOWN } }],
  ])('while %s is unknown there is no digest, and no failure either', async (_, news) => {
    const { inputs, failures } = await check(news);
    expect(failures).toEqual([]);
    expect(JSON.stringify(inputs)).not.toContain('contextDigest');
  });
});
