import { describe, expect, test } from 'vitest';
import { UNKNOWN, type Properties } from '../../../../infra/oci/protocol/resource-type.ts';
import {
  createDockerStandIn,
  compareInputs,
} from '../../../../infra/sandbox/stand-ins/docker/docker-stand-in.ts';
import { scriptedDocker, succeeded } from '../../../build/scripted-docker.ts';

const INPUTS: Properties = {
  imageName: 'registry.example/app:v1',
  build: { context: 'app', dockerfile: 'app/Dockerfile', platform: 'linux/amd64' },
  buildOnPreview: false,
};
const BUILD = INPUTS['build'] as Properties;
const PLANNED: Properties = {
  baseImageName: 'registry.example/app:v1',
  context: 'app',
  dockerfile: 'Dockerfile',
  imageName: 'registry.example/app:v1',
  platform: 'linux/amd64',
  registryServer: '',
  repoDigest: UNKNOWN,
};
const urn = 'urn:pulumi:s::p::docker:index/image:Image::app';

test.each<[string, Properties, Properties]>([
  ['knows all but the digest', {}, {}],
  [
    'with an unknown argument still knows the names',
    { build: { ...BUILD, args: { REVISION: UNKNOWN } } },
    {},
  ],
  [
    'with an unknown name does not make one up',
    { imageName: UNKNOWN },
    { imageName: UNKNOWN, baseImageName: UNKNOWN },
  ],
])('a preview %s, and builds nothing', async (_, inputs, outputs) => {
  const { resources } = createDockerStandIn(scriptedDocker({}).run);
  const context = {
    urn,
    preview: true,
    log: () => undefined,
    signal: new AbortController().signal,
  };
  const preview = await resources['docker:index/image:Image']?.create({
    ...context,
    inputs: { ...INPUTS, ...inputs },
  });
  expect(preview?.outputs).toEqual({ ...PLANNED, ...outputs });
});

const NO_DAEMON = 'failed to connect to any docker daemon';

describe('configure', () => {
  test.each([
    ['no daemon', ['Cannot connect to the Docker daemon at unix:///x']],
    ['one that refuses this client', ['', 'client version 1.41 is too old']],
    ['no word', []],
  ])(
    'fails in the words of the official plug-in, whatever the client gets: %s',
    async (_, lines) => {
      const plugin = createDockerStandIn(scriptedDocker({ version: { code: 1, lines } }).run);
      await expect(plugin.configure?.({})).rejects.toThrow(NO_DAEMON);
    },
  );

  test.each<Properties>([{ disableDockerDaemonCheck: 'true' }, { context: 'other' }])(
    'contacts the daemon with %o as well',
    async (settings) => {
      const plugin = createDockerStandIn(scriptedDocker({ version: { code: 1, lines: [] } }).run);
      expect(plugin.checkConfig?.(settings)).toEqual([]);
      await expect(plugin.configure?.(settings)).rejects.toThrow(NO_DAEMON);
    },
  );

  test('contacts no daemon by ssh', async () => {
    const docker = scriptedDocker({});
    await createDockerStandIn(docker.run).configure?.({ host: 'ssh://build' });
    expect(docker.calls).toEqual([]);
  });

  test.each<[string, Properties, readonly string[]]>([
    ['another host', { host: 'tcp://other:2376' }, ['host']],
    ['no host', { host: null }, ['host']],
    ['a newer SDK', { version: '5.3.0' }, []],
  ])('compares settings: %s', (_, news, changed) => {
    const plugin = createDockerStandIn(scriptedDocker({}).run);
    const olds = { host: 'tcp://build:2376', version: '5.2.0' };
    expect(plugin.diffConfig?.(olds, { ...olds, ...news })).toEqual({ changed });
  });

  test('passes on where the daemon is', async () => {
    const docker = scriptedDocker({ version: succeeded('20.10.24') });
    await createDockerStandIn(docker.run).configure?.({ host: 'tcp://build:2376' });
    expect(docker.calls[0]?.env).toMatchObject({ DOCKER_HOST: 'tcp://build:2376' });
  });

  test('names settings that the plug-in does not have', () => {
    const plugin = createDockerStandIn(scriptedDocker({}).run);
    const news = { host: 'x', version: '5.2.0', certPath: null, sshOpts: '[]', certFile: 'c' };
    const failures = plugin.checkConfig?.(news) ?? [];
    expect(failures.map(({ property }) => property)).toEqual(['certFile']);
  });
});

const BEFORE: Properties = {
  imageName: 'registry.example/app:v1',
  build: { context: 'app', args: { A: '1' }, target: null },
  skipPush: false,
};
const BUILD_BEFORE = BEFORE['build'] as Properties;

test.each<[string, Properties, readonly string[]]>([
  ['nothing', {}, []],
  ['the name', { imageName: 'registry.example/app:v2' }, ['imageName']],
  ['an argument', { build: { ...BUILD_BEFORE, args: { A: '2' } } }, ['build']],
  [
    'an argument that is not known yet',
    { build: { ...BUILD_BEFORE, args: { A: UNKNOWN } } },
    ['build'],
  ],
  ['the context', { build: { ...BUILD_BEFORE, context: 'other' } }, ['build']],
  ['skipPush', { skipPush: true }, ['skipPush']],
  ['null for absent', { build: { context: 'app', args: { A: '1' } } }, []],
  ['two things', { imageName: 'x/y', skipPush: true }, ['imageName', 'skipPush']],
])('the difference of %s', (_, news, changed) => {
  expect(compareInputs(BEFORE, { ...BEFORE, ...news })).toEqual({ changed });
});
