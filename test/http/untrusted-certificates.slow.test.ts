import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startRun } from '../support/processes.ts';
import { known, rejection } from '../support/fixtures.ts';
import { startProxy } from '../support/proxy.ts';
import { NO_LOOPBACK, startTlsFront } from '../support/tls-front.ts';
import { temporaryFolder } from '../git/temporary-folder.ts';
import { scriptedServer } from '../registry/scripted-server.ts';
import { parseChecksum } from '../../src/catalog/image.ts';
import { download } from '../../src/disk/download.ts';
import { realWorld } from '../../src/disk/world.ts';
import { hostRequest } from '../../src/merge-request/host-api.ts';
import { parseRegistry, parseRepository, parseTag } from '../../src/image-reference.ts';
import { artifactRegistry } from '../../src/google/artifact-registry.ts';
import { registryClient } from '../../src/registry/registry-client.ts';
import { textFetcher } from '../../src/refresh/lookup/text-fetcher.ts';

/** Waiting would mean asking again. */
const sleep = () => Promise.reject(new Error('it is asked again'));

/** Each asks the server at an address, `host:port`, in its own way. */
const ASKING: Readonly<Record<string, (server: string) => Promise<unknown>>> = {
  'a registry': (server) => {
    const registry = known(parseRegistry(server));
    const client = registryClient({ registry, credentials: undefined, sleep });
    return client.headManifest(known(parseRepository('a')), known(parseTag('b')));
  },
  'Artifact Registry': (server) => {
    const endpoint = new URL(`https://${server}/v1/`);
    const place = { project: 'p', location: 'l', repositoryId: 'r', accessToken: 'ya29.hush' };
    return artifactRegistry({ endpoint, ...place }, { sleep }).listImages();
  },
  'whoever has a disk': (server) => {
    const checksum = known(parseChecksum(`sha256:${'0'.repeat(64)}`));
    const folder = join(temporaryFolder(), 'downloads');
    return download({ url: `https://${server}/a`, checksum }, folder, realWorld({ sleep }));
  },
  'a publisher': (server) => textFetcher({ sleep, timeout: 5000 })(`https://${server}/SHA256SUMS`),
  'a code host': (server) => {
    const api = { name: 'GitLab', url: `https://${server}`, token: 'glpat-hush' } as const;
    const more = { headers: {}, remedies: [], patience: 'run this again' };
    return hostRequest({ ...api, ...more }, { method: 'GET', path: '/a' });
  },
};

describe('a certificate that is not trusted', () => {
  test.each(Object.entries(ASKING))('ends the tries, with a remedy: %s', async (_, ask) => {
    const { address, asked } = await untrusted();
    const { message } = await rejection(ask(address), Error);
    expect(message).toMatch(/its certificate is not trusted: self-signed certificate/);
    expect(message).toContain('NODE_EXTRA_CA_CERTS');
    expect(message).not.toContain('hush');
    expect(asked).toEqual([]);
  });

  test('is trusted once it is named as the error says', async () => {
    const { address, certificate } = await untrusted();
    const program = `const { status } = await fetch('https://${address}'); console.log(status)`;
    const env = { ...process.env, NODE_EXTRA_CA_CERTS: certificate };
    const args = ['--input-type=module', '--eval', program];
    expect(await startRun(process.execPath, args, '.', env).done).toMatchObject({
      stdout: '200\n',
    });
  });

  test('is trusted behind a proxy, by requests and downloads', async () => {
    const { address, certificate, port } = await untrusted();
    const proxy = await startProxy({ target: `https://127.0.0.1:${port}` });
    const program = `
      import { fetchWithRetry } from './src/http/fetch-with-retry.ts';
      import { openDownload } from './src/http/open-download.ts';
      const url = new URL('https://${address}');
      const { status } = await fetchWithRetry({ url, largestBody: 10 });
      const { statusCode } = await openDownload(url, { idleTimeout: 5000 });
      console.log(status, statusCode);
      process.exit();`;
    const env = {
      ...process.env,
      NODE_EXTRA_CA_CERTS: certificate,
      HTTPS_PROXY: `http://${proxy.address}`,
    };
    const args = ['--input-type=module', '--eval', program];
    const run = await startRun(process.execPath, args, '.', env).done;
    expect(run).toMatchObject({ stdout: '200 200\n' });
    expect(proxy.asked).toEqual([`CONNECT ${address}`, `CONNECT ${address}`]);
  });

  test('is not what any other failure is', async () => {
    const { registry } = await scriptedServer({ status: 200 });
    const failure = await ASKING['a code host']?.(registry).catch(String);
    expect(failure).toMatch(/gave no answer.*speaks plain http/);
    expect(failure).not.toContain('trusted');
  });
});

async function untrusted() {
  const { registry, asked } = await scriptedServer({ status: 200, body: '{}' });
  const front = await startTlsFront(registry);
  onTestFinished(() => {
    front.close();
  });
  return { ...front, address: `${NO_LOOPBACK}:${front.port}`, asked };
}
