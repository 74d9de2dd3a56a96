import { once } from 'node:events';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer as createHttp, type Server, type ServerResponse } from 'node:http';
import { createServer as createHttps } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import process from 'node:process';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { askBuilder } from '../../infra/components/ask-builder.ts';
import type { Builder } from '../../src/settings/builders.ts';
import { temporaryFolder } from '../git/temporary-folder.ts';
import { makeDockerCertificates } from '../support/docker-certificates.ts';

const servers: Server[] = [];
let folder: string;

beforeEach(() => {
  folder = temporaryFolder();
});

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

const INFO = { ServerVersion: '29.1.0', DriverStatus: [['Backing Filesystem', 'extfs']] };
const REFUSING = {
  ServerVersion: '27.4.1',
  DriverStatus: [['driver-type', 'io.containerd.snapshotter.v1']],
};

/** The API of a Docker Engine, as far as it is asked. */
function respondWith(info: unknown, status = 200) {
  return (request: { url?: string }, response: ServerResponse) => {
    response.statusCode = request.url === '/info' ? status : 404;
    response.end(typeof info === 'string' ? info : JSON.stringify(info));
  };
}

async function listen(server: Server, place: string | number): Promise<number> {
  servers.push(server);
  if (typeof place === 'string') server.listen(place);
  else server.listen(place, '127.0.0.1');
  await once(server, 'listening');
  return typeof place === 'string' ? 0 : (server.address() as AddressInfo).port;
}

const ask = (more: Partial<Builder>) =>
  askBuilder({ name: 'one', platforms: ['linux/amd64'], ...more });

describe('a builder at a socket', () => {
  test('that responds is none to complain of', async () => {
    const path = join(folder, 'döcker.sock');
    await listen(createHttp(respondWith(INFO)), path);
    expect(await ask({ host: `unix://${path}` })).toBeUndefined();
  });

  test('that is not there has the reason of the system', async () => {
    expect(await ask({ host: `unix://${folder}/docker.sock` })).toMatch(
      /does not respond: connect ENOENT .*docker\.sock; start it, or set IMAGES_WITHOUT_BUILDERS=one/,
    );
  });

  test('that refuses each build has the reason', async () => {
    const path = join(folder, 'docker.sock');
    await listen(createHttp(respondWith(REFUSING)), path);
    expect(await ask({ host: `unix://${path}` })).toMatch(/27\.4\.1 .* refuses the builds; use/);
  });

  test('that responds with an error shows it', async () => {
    const path = join(folder, 'docker.sock');
    await listen(createHttp(respondWith('no room\n', 507)), path);
    expect(await ask({ host: `unix://${path}` })).toMatch(/does not respond: HTTP 507: no room;/);
  });
});

describe('a builder by TLS', () => {
  test('gets the client certificate, and must have one of the same authority', async () => {
    const { client, server } = await makeDockerCertificates(folder);
    const other = await makeDockerCertificates(join(folder, 'other'));
    const contentOf = (name: string) => readFileSync(join(server, name));
    const options = {
      key: contentOf('key.pem'),
      cert: contentOf('cert.pem'),
      ca: contentOf('ca.pem'),
    };
    const https = createHttps({ ...options, requestCert: true }, respondWith(INFO));
    const port = await listen(https, 0);
    const host = `tcp://127.0.0.1:${port}`;
    expect(await ask({ host, certPath: client })).toBeUndefined();
    expect(await ask({ host, certPath: other.client })).toMatch(
      /does not respond: .*certificate.*; correct its certificates/,
    );
    expect(await ask({ host, certPath: join(folder, 'absent') })).toMatch(
      /does not respond: ENOENT.*absent\/ca\.pem.*; put the files of its client there/,
    );
    expect(await ask({ host })).toMatch(/does not respond: /);
  });
});

describe('a builder by ssh', () => {
  /** In the place of ssh: keeps its arguments. */
  function fakeSsh(script: string): string {
    const file = join(folder, 'ssh');
    writeFileSync(file, `#!/bin/sh\nprintf '%s\\n' "$*" > ${folder}/arguments\n${script}\n`);
    chmodSync(file, 0o755);
    vi.stubEnv('PATH', `${folder}:${process.env['PATH']}`);
    return join(folder, 'arguments');
  }

  test('is asked as the docker plug-in asks', async () => {
    const body = JSON.stringify(INFO);
    const head = 'HTTP/1.0 200 OK\\r\\nContent-Type: application/json\\r\\n\\r\\n';
    const seen = fakeSsh(`read -r line; printf '${head}'; printf '%s' '${body}'`);
    expect(await ask({ host: 'ssh://ci@arm.example:2222' })).toBeUndefined();
    expect(readFileSync(seen, 'utf8')).toMatch(
      /-l ci -p 2222 .*-- arm\.example docker system dial-stdio$/m,
    );
  });

  test('that is not there has the last line of ssh', async () => {
    fakeSsh(
      'echo Warning >&2; echo "ssh: connect to host arm port 22: Connection refused" >&2; exit 255',
    );
    expect(await ask({ host: 'ssh://arm' })).toBe(
      'builder one (ssh://arm) does not respond: ssh: connect to host arm port 22: Connection refused; start it, or set IMAGES_WITHOUT_BUILDERS=one to build on the others',
    );
  });

  test.each([
    ['Host key verification failed.', "add its host key to ssh's known hosts"],
    ['ci@arm: Permission denied (publickey).', 'let this account log in there'],
    ['ssh: Could not resolve hostname arm: Name or service not known', 'correct its host'],
    ['bash: line 1: docker: command not found', 'install docker there'],
  ])('that says %j has a remedy for it', async (line, remedy) => {
    fakeSsh(`echo "${line}" >&2; exit 255`);
    expect(await ask({ host: 'ssh://arm' })).toContain(`${line}; ${remedy}, or set`);
  });

  test('without ssh on PATH says so', async () => {
    vi.stubEnv('PATH', folder);
    expect(await ask({ host: 'ssh://arm' })).toMatch(
      /does not respond: spawn ssh ENOENT; install ssh, or set/,
    );
  });
});
