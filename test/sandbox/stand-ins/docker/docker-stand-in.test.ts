import { describe, expect, test } from 'vitest';
import {
  UNKNOWN,
  type Properties,
  type ResourceType,
} from '../../../../infra/oci/protocol/resource-type.ts';
import { createDockerStandIn } from '../../../../infra/sandbox/stand-ins/docker/docker-stand-in.ts';
import { scriptedDocker, succeeded } from './scripted-docker.ts';

const ID = `sha256:${'cd'.repeat(32)}`;
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

  test('a preview with buildOnPreview builds, does not push, and returns the local id', async () => {
    const docker = scriptedDocker({ build: succeeded(), image: succeeded(ID) });
    const { outputs } = await preview({ ...INPUTS, buildOnPreview: true }, docker);
    expect(outputs).toEqual({ ...PLANNED, repoDigest: ID });
    expect(docker.calls.map(({ args }) => args[0])).toEqual(['build', 'image']);
  });

  test('a read returns the state as it is and asks nobody', async () => {
    const state = { inputs: INPUTS, outputs: { ...PLANNED, repoDigest: 'gone@sha256:1' } };
    const { signal } = new AbortController();
    expect(await imageType().read({ id: 'x', urn, ...state, signal })).toEqual(state);
  });

  test('a delete does nothing', async () => {
    const { signal } = new AbortController();
    const log = () => undefined;
    await imageType().delete({ id: 'x', urn, outputs: PLANNED, log, signal });
  });
});

describe('configure', () => {
  const answering = () => scriptedDocker({ version: succeeded('20.10.24') });

  test('fails, with what to do, where no daemon answers', async () => {
    const version = { code: 1, lines: ['Cannot connect to the Docker daemon at unix:///x'] };
    const plugin = createDockerStandIn(scriptedDocker({ version }).run);
    await expect(plugin.configure?.({})).rejects.toThrow(/Cannot connect[^]*Start Docker/);
  });

  test('passes on where the daemon is, to the check and to builds', async () => {
    const docker = answering();
    const plugin = createDockerStandIn(docker.run);
    await plugin.configure?.({ host: 'tcp://build:2376', certPath: '/certs' });
    expect(docker.calls[0]?.env).toEqual({
      DOCKER_HOST: 'tcp://build:2376',
      DOCKER_CERT_PATH: '/certs',
      DOCKER_TLS_VERIFY: '1',
    });
  });

  test('asks no daemon when told so', async () => {
    const docker = answering();
    await createDockerStandIn(docker.run).configure?.({ disableDockerDaemonCheck: 'true' });
    expect(docker.calls).toEqual([]);
  });

  test('settings that the stand-in would have to ignore are refused by name', () => {
    const plugin = createDockerStandIn(answering().run);
    const failures = plugin.checkConfig?.({ host: 'x', sshOpts: '[]', keyMaterial: 'k' }) ?? [];
    expect(failures.map(({ property }) => property)).toEqual(['keyMaterial', 'sshOpts']);
  });
});
