import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { findDockerEngine, isEngineUp } from '../../infra/toolchain/docker-client.ts';
import { resolveDockerEngine } from '../../infra/toolchain/docker-engine.ts';
import { temporaryFolder } from '../git/temporary-folder.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

const TOO_OLD =
  'Error response from daemon: client version 1.41 is too old. Minimum supported API version is 1.44, please upgrade your client to a newer version';
const TOO_NEW =
  'Error response from daemon: client is newer than server (client API version: 1.52, server API version: 1.41)';
const CONTAINERD = '[["driver-type","io.containerd.snapshotter.v1"]]';
const CLASSIC = '[["Backing Filesystem","extfs"]]';

/** What listens at a Unix socket and tells the clients of this file its version and its `docker info`. */
async function startEngine(folder: string, name: string, version: string, status = CLASSIC) {
  const path = join(folder, `${name}.sock`);
  const server = createServer((request, response) => {
    const isInfo = request.url?.endsWith('/info') === true;
    response.end(isInfo ? status : version);
  }).listen(path);
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return `unix://${path}`;
}

const ASK = `
const [command] = process.argv.slice(2);
const { DOCKER_HOST: host } = process.env;
const print = (text) => process.stdout.write(text + '\\n');
if (command === '--version') print('Docker version 29.0.0, build 1');
else if (command === 'buildx') print('v1');
else if (command === 'context') print(host ?? '');
else {
  if (refusal !== '') { console.error(refusal); print(''); process.exit(1); }
  const path = '/' + command;
  require('node:http').get({ socketPath: host.slice('unix://'.length), path }, async (response) => {
    print((await response.toArray()).join(''));
  });
}
`;

/** A docker client that prints `refusal` in place of what an engine says; with it empty, what the engine says. */
function client(folder: string, name: string, refusal = ''): string {
  const file = join(folder, name);
  const head = `#!${process.execPath}\nconst refusal = ${JSON.stringify(refusal)};`;
  writeFileSync(file, `${head}${ASK}`, { mode: 0o755 });
  return file;
}

describe('client and engine', () => {
  test('the first client that the engine takes is used with it', async () => {
    const folder = temporaryFolder();
    const host = await startEngine(folder, 'engine', '29.0.0');
    const clients = [client(folder, 'old', TOO_OLD), client(folder, 'new')];
    const found = await findDockerEngine(clients, [`unix://${folder}/none.sock`, host]);
    expect(found).toEqual({ host, cli: clients[1], version: '29.0.0' });
  });

  test('where nothing listens, there is no engine, and no client is asked', async () => {
    const folder = temporaryFolder();
    const hosts = [`unix://${folder}/none.sock`, 'tcp://127.0.0.1:1'];
    expect(await findDockerEngine([client(folder, 'old', TOO_OLD)], hosts)).toBeUndefined();
    expect(await isEngineUp([client(folder, 'old', TOO_OLD)], hosts[0] ?? '')).toBe(false);
  });

  test.each([
    [TOO_OLD, 'put a client that this engine takes on PATH'],
    [TOO_NEW, 'put a client that this engine takes on PATH'],
    ['permission denied while trying to connect to the Docker API', 'give this user access'],
    ['remote error: tls: certificate required', 'correct what the client names'],
  ])('an engine that says %j is reported with that line and one remedy', async (line, remedy) => {
    const folder = temporaryFolder();
    const host = await startEngine(folder, 'engine', '29.0.0');
    const cli = client(folder, 'docker', `a line before\n${line}`);
    await expect(findDockerEngine([cli], [host])).rejects.toThrow(
      `${cli} can't use the Docker Engine at ${host}: ${line}\n  ${remedy}`,
    );
    expect(await isEngineUp([cli], host)).toBe(true);
  });

  test('a version that the environment asks for is named as the cause', async () => {
    const folder = temporaryFolder();
    const host = await startEngine(folder, 'engine', '29.0.0');
    vi.stubEnv('DOCKER_API_VERSION', '1.41');
    const found = findDockerEngine([client(folder, 'docker', TOO_OLD)], [host]);
    await expect(found).rejects.toThrow('unset DOCKER_API_VERSION');
  });

  test.each([
    [true, /can't use the Docker Engine at unix:.*too old\. Minimum/],
    [false, /no Docker Engine responds at DOCKER_HOST/],
  ])('where something listens at DOCKER_HOST (%s), it is no absent engine', async (there, said) => {
    const folder = temporaryFolder();
    const host = await startEngine(folder, 'engine', '29.0.0');
    client(folder, 'docker', TOO_OLD);
    vi.stubEnv('PATH', folder);
    vi.stubEnv('DOCKER_HOST', there ? host : `unix://${folder}/none.sock`);
    const resolved = resolveDockerEngine({ folder: join(folder, 'own') }, () => undefined);
    await expect(resolved).rejects.toThrow(said);
  });

  test.each([
    ['20.10.24+dfsg1', CLASSIC, true],
    ['27.4.1', CLASSIC, true],
    ['27.4.1', CONTAINERD, false],
    ['27.5.0', CONTAINERD, true],
    ['29.0.0', CONTAINERD, true],
  ])('an engine %s with the store %s can build: %s', async (version, status, can) => {
    const folder = temporaryFolder();
    const host = await startEngine(folder, 'engine', version, status);
    const found = findDockerEngine([client(folder, 'docker')], [host]);
    if (can) expect(await found).toMatchObject({ version });
    else await expect(found).rejects.toThrow(/27\.4\.1 with the containerd image store/);
  });
});
