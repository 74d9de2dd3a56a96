import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { UNKNOWN, type Properties } from '../../../../infra/oci/protocol/resource-type.ts';
import {
  checkImage,
  parseImageInputs,
} from '../../../../infra/sandbox/stand-ins/docker/check-image.ts';
import { temporaryFolder } from '../../../git/temporary-folder.ts';

const DIGEST = expect.stringMatching(/^[a-f0-9]{64}$/) as string;

let context: string;
let dockerfile: string;

beforeEach(() => {
  context = join(temporaryFolder(), 'app');
  dockerfile = join(context, 'Dockerfile');
  mkdirSync(context);
  writeFileSync(dockerfile, 'FROM scratch\n');
});

/** Checks inputs that are right but for these. */
function check(build: Properties = {}, others: Properties = {}) {
  const right = { imageName: 'registry.example/team/app:v1', build: { context, dockerfile } };
  return checkImage({ ...right, build: { ...right.build, ...build }, ...others });
}

test('a check adds the digest of the context, also where a name, an argument or a credential is unknown', async () => {
  const unknown: Properties = { imageName: UNKNOWN, registry: { password: UNKNOWN } };
  const { inputs, failures } = await check({ args: { REVISION: UNKNOWN } }, unknown);
  expect(failures).toEqual([]);
  const build = { context, dockerfile, args: { REVISION: UNKNOWN }, contextDigest: DIGEST };
  expect(inputs).toEqual({ ...unknown, build });
});

test('a missing Dockerfile is named, and the one inside the context suggested', async () => {
  const { failures } = await check({ dockerfile: 'Dockerfile' });
  expect(failures).toMatchObject([{ property: 'build.dockerfile' }]);
  expect(failures[0]?.reason).toContain(`"Dockerfile"; try "${dockerfile}"`);
});

test.each<[string, Properties, Properties?]>([
  ['imageName', {}, { imageName: 'app:v1' }],
  ['build.context', { context: null }],
  ['build.cacheFrom', { cacheFrom: { images: ['registry.example/app:cache'] } }],
  ['build.builderVersion', { builderVersion: 'BuilderV1' }],
  ['buildOnPreview', {}, { buildOnPreview: true }],
  ['skipPush', {}, { skipPush: true }],
])('a wrong or unsupported %s is a failure', async (property, build, others) => {
  const { failures } = await check(build, others);
  expect(failures).toMatchObject([{ property }]);
});

test('what the SDK always sets is no failure', async () => {
  const set = { buildOnPreview: false, skipPush: false };
  const { failures } = await check({ builderVersion: 'BuilderBuildKit' }, set);
  expect(failures).toEqual([]);
});

test('all problems are reported at once', async () => {
  const { failures } = await check({ dockerfile: 'none' }, { imageName: 'app' });
  expect(failures.map(({ property }) => property)).toEqual(['imageName', 'build.dockerfile']);
});

test.each<[string, Properties, Properties?]>([
  ['build', {}, { build: UNKNOWN }],
  ['build.context', { context: UNKNOWN }],
  ['build.dockerfile', { dockerfile: UNKNOWN }],
])('while %s is unknown there is no digest, and no failure either', async (_, build, others) => {
  const { inputs, failures } = await check(build, others);
  expect(failures).toEqual([]);
  expect(JSON.stringify(inputs)).not.toContain('contextDigest');
});

test.each<[string, Properties]>([
  ['build.args.A', { args: { A: UNKNOWN } }],
  ['build.target', { target: true }],
])('a build with a wrong type is an error that names %s', (path, build) => {
  const inputs = { imageName: 'r.example/app:v1', build: { context, dockerfile, ...build } };
  expect(() => parseImageInputs(inputs)).toThrow(path);
});
