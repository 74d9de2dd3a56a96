import { describe, expect, test } from 'vitest';
import {
  UNKNOWN,
  type Properties,
  type ResourceType,
} from '../../../../infra/oci/protocol/resource-type.ts';
import { createDockerStandIn } from '../../../../infra/sandbox/stand-ins/docker/docker-stand-in.ts';
import { diffImage } from '../../../../infra/sandbox/stand-ins/docker/image-resource.ts';
import { scriptedDocker, succeeded } from './scripted-docker.ts';

const INPUTS: Properties = {
  imageName: 'registry.example/app:v1',
  build: { context: 'app', dockerfile: 'app/Dockerfile', platform: 'linux/amd64' },
  registry: { server: 'registry.example' },
  buildOnPreview: false,
};
const BUILD = INPUTS['build'] as Properties;
const PLANNED: Properties = {
  baseImageName: 'registry.example/app:v1',
  context: 'app',
  dockerfile: 'Dockerfile',
  imageName: 'registry.example/app:v1',
  platform: 'linux/amd64',
  registryServer: 'registry.example',
  repoDigest: UNKNOWN,
};
const urn = 'urn:pulumi:s::p::docker:index/image:Image::app';

function imageType(docker = scriptedDocker({})): ResourceType {
  const type = createDockerStandIn(docker.run).resources['docker:index/image:Image'];
  if (type === undefined) throw new Error('no docker.Image');
  return type;
}

function preview(inputs: Properties, docker = scriptedDocker({})) {
  const { signal } = new AbortController();
  const log = () => undefined;
  return imageType(docker).create({ urn, inputs, preview: true, log, signal });
}

describe('docker.Image', () => {
  test('a preview builds nothing and knows all but the digest', async () => {
    expect(await preview(INPUTS)).toEqual({ id: INPUTS['imageName'], outputs: PLANNED });
  });

  test('a preview with an unknown argument and credential still knows the names', async () => {
    const build: Properties = { ...BUILD, args: { REVISION: UNKNOWN } };
    const registry: Properties = { server: 'registry.example', password: UNKNOWN };
    expect((await preview({ ...INPUTS, build, registry })).outputs).toEqual(PLANNED);
  });

  test('a preview with an unknown name does not make one up', async () => {
    const { outputs } = await preview({ ...INPUTS, imageName: UNKNOWN });
    expect(outputs).toEqual({ ...PLANNED, imageName: UNKNOWN, baseImageName: UNKNOWN });
  });
});

describe('configure', () => {
  test('fails, with what to do, where no daemon responds', async () => {
    const version = { code: 1, lines: ['Cannot connect to the Docker daemon at unix:///x'] };
    const plugin = createDockerStandIn(scriptedDocker({ version }).run);
    await expect(plugin.configure?.({})).rejects.toThrow(/Cannot connect[^]*Start Docker/);
  });

  test('passes on where the daemon is', async () => {
    const docker = scriptedDocker({ version: succeeded('20.10.24') });
    await createDockerStandIn(docker.run).configure?.({ host: 'tcp://build:2376' });
    expect(docker.calls[0]?.env).toEqual({ DOCKER_HOST: 'tcp://build:2376' });
  });

  test('names settings that the stand-in does not have', () => {
    const plugin = createDockerStandIn(scriptedDocker({}).run);
    const failures = plugin.checkConfig?.({ host: 'x', sshOpts: '[]', keyMaterial: 'k' }) ?? [];
    expect(failures.map(({ property }) => property)).toEqual(['keyMaterial', 'sshOpts']);
  });
});

const BEFORE: Properties = {
  imageName: 'registry.example/app:v1',
  build: { context: 'app', args: { A: '1' }, contextDigest: 'abc', target: null },
  registry: { server: 'registry.example', username: 'me', password: 'old' },
  skipPush: false,
};
const BUILD_BEFORE = BEFORE['build'] as Properties;
const REGISTRY = BEFORE['registry'] as Properties;

describe('diffImage', () => {
  test.each<[string, Properties, readonly string[]]>([
    ['nothing', {}, []],
    ['the name', { imageName: 'registry.example/app:v2' }, ['imageName']],
    ['an argument', { build: { ...BUILD_BEFORE, args: { A: '2' } } }, ['build']],
    [
      'an argument that is not known yet',
      { build: { ...BUILD_BEFORE, args: { A: UNKNOWN } } },
      ['build'],
    ],
    ['the context', { build: { ...BUILD_BEFORE, contextDigest: 'abd' } }, ['build']],
    ['skipPush', { skipPush: true }, ['skipPush']],
    ['the registry', { registry: { ...REGISTRY, server: 'other.example' } }, ['registry']],
    ['the password', { registry: { ...REGISTRY, password: 'new' } }, []],
    ['user name and password', { registry: { server: 'registry.example' } }, []],
    ['all credentials', { registry: null }, ['registry']],
    ['null for absent', { build: { context: 'app', args: { A: '1' }, contextDigest: 'abc' } }, []],
    ['two things', { imageName: 'x/y', skipPush: true }, ['imageName', 'skipPush']],
  ])('%s', (_, news, changed) => {
    expect(diffImage(BEFORE, { ...BEFORE, ...news })).toEqual({ changed });
  });
});
