import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CHECKOUT } from '../../infra/sandbox/sandbox.ts';
import { startGoogleApi } from '../../infra/sandbox/emulators/google/google-api.ts';
import type { LoopbackServer } from '../../infra/sandbox/emulators/loopback-server.ts';
import { callApi, PARENT, REPOSITORY, SECRET } from '../sandbox/emulators/google/started-api.ts';
import { startRegistry, type StartedRegistry } from '../support/registry.ts';
import type { Digest, Registry, Repository } from '../../src/image-reference.ts';
import { registryClient } from '../../src/registry/registry-client.ts';
import {
  IMAGE,
  INDEX,
  pushManifest,
  pushPlatformImage,
  type PushTarget,
} from '../support/pushed-images.ts';
import { sharedFolder } from '../git/temporary-folder.ts';

const DAY = 86_400;

const dir = sharedFolder();
let registry: StartedRegistry;
let api: LoopbackServer;

beforeAll(async () => {
  registry = await startRegistry({ dir: path.join(dir, 'registry') });
  const folder = path.join(dir, 'state');
  api = await startGoogleApi({ registry: registry.address, folder, secret: SECRET });
  await call('POST', `v1/${PARENT}/repositories?repository_id=images`, { format: 'DOCKER' });
});

afterAll(async () => {
  await api.close();
  await registry.stop();
});

async function call(method: string, place: string, body?: unknown): Promise<unknown> {
  const answer = await callApi(api.address, method, place, body);
  expect([answer.status, answer.body]).toMatchObject([200, {}]);
  return answer.body;
}

const advance = (seconds: number) => call('PUT', 'emulator/v1/clock', { advance: `${seconds}s` });

function targetOf(image: string): PushTarget {
  const { address } = registry;
  const client = registryClient({ registry: address as Registry, credentials: undefined });
  return { address, repository: `ci-images/images/${image}` as Repository, client };
}

/** Pushes an image; without a tag, by its digest only. */
function push(image: string, label: string, tag?: string): Promise<Digest> {
  return pushPlatformImage(targetOf(image), 'linux/amd64', label, tag);
}

function pushIndex(image: string, children: readonly string[], tag: string): Promise<Digest> {
  const manifests = children.map((digest) => ({ mediaType: IMAGE, digest, size: 1 }));
  return pushManifest(targetOf(image), INDEX, { manifests }, tag);
}

/** The HTTP status of a manifest in the registry itself. */
async function statusOf(image: string, reference: string): Promise<number> {
  const place = `http://${registry.address}/v2/ci-images/images/${image}/manifests/${reference}`;
  const accept = [IMAGE, INDEX].join(', ');
  return (await fetch(place, { method: 'HEAD', headers: { accept } })).status;
}

describe('on a real registry, the emulator', () => {
  test('sees what an image is', async () => {
    const digest = await push('facts', 'one', 'latest');
    const images = await call('GET', `v1/${REPOSITORY}/dockerImages/facts@${digest}`);
    expect(images).toMatchObject({
      uri: `${registry.address}/ci-images/images/facts@${digest}`,
      tags: ['latest'],
      mediaType: IMAGE,
    });
    const { imageSizeBytes } = images as { imageSizeBytes: string };
    // The bytes of the configuration.
    expect(Number(imageSizeBytes)).toBeGreaterThan(50);
  });

  test('removes a tag and leaves the image with its other tags', async () => {
    const digest = await push('tags', 'one', 'latest');
    await push('tags', 'one', 'other');
    await call('DELETE', `v1/${REPOSITORY}/packages/tags/tags/latest`);
    expect(await statusOf('tags', 'latest')).toBe(404);
    expect(await statusOf('tags', 'other')).toBe(200);
    await call('DELETE', `v1/${REPOSITORY}/packages/tags/tags/other`);
    expect(await statusOf('tags', 'other')).toBe(404);
    expect(await statusOf('tags', digest)).toBe(200);
    await call('GET', `v1/${REPOSITORY}/dockerImages/tags@${digest}`);
  });

  test('cleans up exactly what the policies say, also what lost its tag', async () => {
    const kept = [await push('cleaned', 'kept', 'release-1.30')];
    const lost = await push('cleaned', 'lost', 'moving');
    // The look that finds it while it still has a tag.
    await advance(1);
    const old = await push('cleaned', 'old', 'moving');
    const children = [await push('cleaned', 'amd64'), await push('cleaned', 'arm64')];
    kept.push(await pushIndex('cleaned', children, 'main'), ...children);
    await advance(40 * DAY);
    kept.push(await push('cleaned', 'young', '1'));
    await call('PATCH', `v1/${REPOSITORY}?updateMask=cleanupPolicies`, {
      cleanupPolicies: {
        old: {
          action: 'DELETE',
          condition: { olderThan: `${30 * DAY}s`, packageNamePrefixes: ['cleaned'] },
        },
        branches: {
          action: 'KEEP',
          condition: { tagState: 'TAGGED', tagPrefixes: ['release-', 'main'] },
        },
      },
    });
    const nameOf = (digest: string) => `${REPOSITORY}/packages/cleaned/versions/${digest}`;
    expect(await call('POST', 'emulator/v1/cleanup', {})).toMatchObject({
      repositories: [
        { deleted: [lost, old].map(nameOf).sort(), blocked: children.map(nameOf).sort() },
      ],
    });
    const statuses = async (digests: string[]) =>
      Promise.all(digests.map((digest) => statusOf('cleaned', digest)));
    expect(await statuses([lost, old])).toEqual([404, 404]);
    expect(await statuses(kept)).toEqual(kept.map(() => 200));
    expect(await statusOf('facts', 'latest')).toBe(200);
  });
});

test('as a program, it prints its address, keeps its state and ends when it is told to', async () => {
  const folder = path.join(dir, 'program');
  const program = path.join(CHECKOUT, 'infra/sandbox/emulators/google/main.ts');
  const start = async () => {
    const args = [program, '--registry', registry.address, '--folder', folder, '--port', '0'];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
    const address = /^Google API emulator: http:\/\/(127\.0\.0\.1:\d+)$/.exec(line)?.[1] ?? line;
    const end = async () => {
      child.kill('SIGTERM');
      const [code] = (await once(child, 'exit')) as [number | null];
      return code;
    };
    return { address, end };
  };
  const first = await start();
  const accounts = 'v1/projects/ci-images/serviceAccounts';
  const created = await callApi(first.address, 'POST', accounts, { accountId: 'runner' });
  expect(await first.end()).toBe(0);
  const second = await start();
  const { body } = await callApi(second.address, 'GET', accounts);
  expect(body).toEqual({ accounts: [created.body] });
  expect(await second.end()).toBe(0);
});

test('as a program, it says what it was started without', async () => {
  const program = path.join(CHECKOUT, 'infra/sandbox/emulators/google/main.ts');
  const child = spawn(process.execPath, [program, '--port', 'x'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const pieces: Buffer[] = [];
  child.stderr.on('data', (piece: Buffer) => pieces.push(piece));
  const [code] = (await once(child, 'close')) as [number | null];
  expect(code).toBe(1);
  expect(Buffer.concat(pieces).toString()).toContain('--registry <host:port>');
});
