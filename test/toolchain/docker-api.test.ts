import { copyFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { describeEngine, hasImage } from '../../infra/toolchain/docker-api.ts';
import { scriptedServer } from '../registry/scripted-server.ts';
import { CONTAINERD, startDockerApi } from '../support/docker-api.ts';
import { startTlsFront } from '../support/tls-front.ts';
import { temporaryFolder } from '../git/temporary-folder.ts';

const VERIFY = { verify: true };
const version = '29.9.3';

describe('a Docker Engine', () => {
  test.each(['a socket', 'a port'])('describes itself at %s', async (where) => {
    const path = where === 'a socket' ? join(temporaryFolder(), 'döcker 1.sock') : undefined;
    const { host } = await startDockerApi({ version, path });
    const driverStatus = JSON.stringify(CONTAINERD);
    expect(await describeEngine({ host, ...VERIFY })).toEqual({ host, version, driverStatus });
  });

  test.each([true, false])('is reached by TLS, verified: %s', async (verify) => {
    const { port } = await startDockerApi({ version });
    const front = await startTlsFront(`127.0.0.1:${port}`);
    onTestFinished(() => {
      front.close();
    });
    const certPath = temporaryFolder();
    for (const name of ['ca.pem', 'cert.pem']) {
      copyFileSync(front.certificate, join(certPath, name));
    }
    copyFileSync(join(dirname(front.certificate), 'key.pem'), join(certPath, 'key.pem'));
    const host = `tcp://127.0.0.1:${front.port}`;
    expect(await describeEngine({ host, certPath, verify })).toMatchObject({ version });
  });

  test.each([
    'unix:///nowhere/docker.sock',
    'tcp://127.0.0.1:1',
    'ssh://builder.example',
    'not an address',
  ])('at %s is not described', async (host) => {
    expect(await describeEngine({ host, ...VERIFY })).toBeUndefined();
    expect(await hasImage({ host, ...VERIFY }, 'one')).toBe(false);
  });

  test('that is another server is not described', async () => {
    const { registry } = await scriptedServer({ status: 200, body: '<html>' });
    expect(await describeEngine({ host: `tcp://${registry}`, ...VERIFY })).toBeUndefined();
  });

  test.each(['registry.example/team/app:tag', '127.0.0.1:5000/app:tag'])(
    'has the image %s, or not',
    async (name) => {
      const { host } = await startDockerApi({ version, images: [name] });
      expect(await hasImage({ host, ...VERIFY }, name)).toBe(true);
      expect(await hasImage({ host, ...VERIFY }, `${name}2`)).toBe(false);
    },
  );
});
