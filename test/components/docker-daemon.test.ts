import { join } from 'node:path';
import pulumi from '@pulumi/pulumi';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { dockerDaemon } from '../../infra/components/docker-daemon.ts';
import { parseRegistry } from '../../src/image-reference.ts';
import { temporaryFolder } from '../git/temporary-folder.ts';
import { CLASSIC, CONTAINERD, startDockerApi } from '../support/docker-api.ts';
import { recordResources } from '../support/recording-mocks.ts';

const daemonAt = (host: string) => dockerDaemon(() => ({ host, verify: true }));

beforeEach(async () => {
  await recordResources({});
});

describe('a Docker Engine', () => {
  test.each([
    ['20.10.24+dfsg1', CLASSIC, false],
    ['24.0.9', CONTAINERD, true],
    ['27.4.1', CLASSIC, false],
    ['27.4.1', CONTAINERD, true],
    ['27.4.1', null, false],
    ['27.5.0', CONTAINERD, false],
    ['29.9.3', CONTAINERD, false],
    ['29.9.3', CLASSIC, false],
    ['library-import', CONTAINERD, false],
  ])('%s with the store %s refuses builds: %s', async (version, status, refuses) => {
    const { host } = await startDockerApi({ version, status });
    const refusal = `the Docker Engine at ${host} is ${version} with the containerd image store, which refuses the builds; use Docker Engine 27.5 or newer, or switch that store off (features.containerd-snapshotter in daemon.json)`;
    expect(await daemonAt(host).findRefusal()).toBe(refuses ? refusal : undefined);
  });

  test('that refuses builds is a warning in a preview', async () => {
    await recordResources({}, { preview: true });
    const warn = vi.spyOn(pulumi.log, 'warn').mockResolvedValue();
    onTestFinished(() => {
      warn.mockRestore();
    });
    const { host } = await startDockerApi({ version: '27.4.1' });
    const daemon = daemonAt(host);
    expect([await daemon.findRefusal(), await daemon.findRefusal()]).toEqual([
      undefined,
      undefined,
    ]);
    expect(warn.mock.calls).toEqual([[expect.stringContaining(`${host} is 27.4.1 with`)]]);
  });

  test('is asked once, whatever is built', async () => {
    const { host, paths } = await startDockerApi({ version: '27.4.1' });
    const daemon = daemonAt(host);
    await Promise.all([daemon.findRefusal(), daemon.findRefusal()]);
    expect(paths.toSorted()).toEqual(['/info', '/version']);
  });

  test('that does not respond is left to the plug-in', async () => {
    expect(await daemonAt('tcp://127.0.0.1:1').findRefusal()).toBeUndefined();
  });
});

describe('the folder of an engine', () => {
  const ROOT = '/var/lib/docker';
  const socket = () => join(temporaryFolder(), 'docker.sock');

  test.each([
    ['Docker keeps layers unpacked', CLASSIC, 3],
    ['containerd keeps them packed as well', CONTAINERD, 5],
  ])('has each disk that it builds several times: %s', async (_, status, copies) => {
    const { host } = await startDockerApi({ status, root: ROOT, path: socket() });
    expect(await daemonAt(host).findRoot()).toEqual({ folder: ROOT, copies });
  });

  test.each([
    [
      "the system's containerd",
      CONTAINERD,
      '/run/containerd/containerd.sock',
      '/var/lib/containerd',
    ],
    ['a containerd of its own', CONTAINERD, '/var/run/docker/containerd/containerd.sock', ROOT],
    ["the system's, without its store", CLASSIC, '/run/containerd/containerd.sock', ROOT],
  ])('is where its images are, with %s', async (_, status, containerd, folder) => {
    const { host } = await startDockerApi({ status, root: ROOT, path: socket(), containerd });
    expect(await daemonAt(host).findRoot()).toMatchObject({ folder });
  });

  test('on another machine, of an engine that names none, or where none responds, is not known', async () => {
    const other = await startDockerApi({ root: ROOT });
    const silent = await startDockerApi({ path: socket() });
    expect(await daemonAt(other.host).findRoot()).toBeUndefined();
    expect(await daemonAt(silent.host).findRoot()).toBeUndefined();
    expect(await daemonAt('unix:///nowhere/docker.sock').findRoot()).toBeUndefined();
  });
});

describe('a failed push', () => {
  const registry = parseRegistry('127.0.0.1:5000') ?? expect.fail('no registry');
  const name = `${registry}/team/app:tag`;

  test.each([
    ['with the containerd store', CONTAINERD, [name], true],
    ['with the containerd store, of an image that was not built', CONTAINERD, [], false],
    ['without that store, which uploads what it may not mount', CLASSIC, [name], false],
  ])('%s may lack a grant: %s', async (_, status, images, isNamed) => {
    const { host } = await startDockerApi({ version: '29.9.3', status, images });
    const grant = await daemonAt(host).findMissingGrant({ registry, name });
    if (isNamed) expect(grant).toMatch(/artifactregistry\.reader in the other repositories of 127/);
    else expect(grant).toBeUndefined();
  });
});
