import { copyFileSync } from 'node:fs';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import pulumi from '@pulumi/pulumi';
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { describeEngine, refusedBuilds } from '../../infra/components/docker-daemon.ts';
import { recordResources } from '../support/recording-mocks.ts';
import { startTlsFront } from '../support/tls-front.ts';
import { temporaryFolder } from '../git/temporary-folder.ts';

const CONTAINERD = [['driver-type', 'io.containerd.snapshotter.v1']];
const CLASSIC = [['Backing Filesystem', 'extfs']];

/** A Docker API, at a socket in `folder` or at a port of this machine. */
async function startEngine(version: string, status: unknown = CONTAINERD, folder?: string) {
  const requests: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    requests.push(request.url);
    const isInfo = request.url === '/info';
    response.end(JSON.stringify(isInfo ? { DriverStatus: status } : { Version: version }));
  });
  const path = folder && join(folder, 'docker.sock');
  server.listen(path ?? { port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return { host: path ? `unix://${path}` : `tcp://127.0.0.1:${port}`, port, requests };
}

beforeEach(async () => {
  await recordResources({});
});

describe('the Docker Engine of the docker plug-in', () => {
  test.each([
    ['20.10.24+dfsg1', CLASSIC, false],
    ['24.0.9', CONTAINERD, true],
    ['27.4.1', CLASSIC, false],
    ['27.4.1', CONTAINERD, true],
    ['27.5.0', CONTAINERD, false],
    ['29.9.3', CONTAINERD, false],
    ['29.9.3', CLASSIC, false],
    ['library-import', CONTAINERD, false],
  ])('%s with the store %s refuses builds: %s', async (version, status, refuses) => {
    const { host } = await startEngine(version, status, temporaryFolder());
    const reason = await refusedBuilds(() => ({ host, verify: false }))();
    const refusal = `the Docker Engine at ${host} is ${version} with the containerd image store, which refuses the builds; use Docker Engine 27.5 or newer, or switch that store off (features.containerd-snapshotter in daemon.json)`;
    expect(reason).toBe(refuses ? refusal : undefined);
  });

  test('that refuses builds is a warning in a preview', async () => {
    await recordResources({}, { preview: true });
    const warn = vi.spyOn(pulumi.log, 'warn').mockResolvedValue();
    onTestFinished(() => {
      warn.mockRestore();
    });
    const { host } = await startEngine('27.4.1');
    const find = refusedBuilds(() => ({ host, verify: false }));
    expect([await find(), await find()]).toEqual([undefined, undefined]);
    expect(warn.mock.calls).toEqual([[expect.stringContaining(`${host} is 27.4.1 with`)]]);
  });

  test('is asked once, whatever is built', async () => {
    const { host, requests } = await startEngine('27.4.1');
    const find = refusedBuilds(() => ({ host, verify: false }));
    const [first, second] = await Promise.all([find(), find()]);
    expect(first).toBe(second);
    expect(requests.toSorted()).toEqual(['/info', '/version']);
  });

  test.each([true, false])('is reached by TLS, verified: %s', async (verify) => {
    const { port } = await startEngine('27.4.1');
    const front = await startTlsFront(`127.0.0.1:${port}`);
    onTestFinished(() => {
      front.close();
    });
    const certPath = temporaryFolder();
    copyFileSync(front.certificate, join(certPath, 'cert.pem'));
    copyFileSync(join(dirname(front.certificate), 'key.pem'), join(certPath, 'key.pem'));
    copyFileSync(front.certificate, join(certPath, 'ca.pem'));
    const host = `tcp://127.0.0.1:${front.port}`;
    expect(await describeEngine({ host, certPath, verify })).toMatchObject({ version: '27.4.1' });
  });

  test.each([
    'unix:///nowhere/docker.sock',
    'tcp://127.0.0.1:1',
    'ssh://builder.example',
    'not an address',
  ])('at %s is left to the plug-in', async (host) => {
    expect(await refusedBuilds(() => ({ host, verify: false }))()).toBeUndefined();
  });

  test('that is none, or has no such API, is left to the plug-in', async () => {
    const { host } = await startEngine('27.4.1', null);
    const server = createServer((_, response) => response.end('<html>')).listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    for (const address of [host, `tcp://127.0.0.1:${port}`]) {
      expect(await refusedBuilds(() => ({ host: address, verify: false }))()).toBeUndefined();
    }
  });
});
