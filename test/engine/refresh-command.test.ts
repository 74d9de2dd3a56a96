import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { execPath } from 'node:process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import {
  parseRegistry,
  parseRepository,
  parseTag,
  type Digest,
  type Repository,
  type Tag,
} from '../../src/image-reference.ts';
import { basicAuthorization } from '../../src/url.ts';
import type { Credentials } from '../../src/registry/credentials.ts';
import { registryClient } from '../../src/registry/registry-client.ts';
import { checkout } from '../cli/checkout-fixture.ts';
import { pushPlatformImage, pushPlatformIndex, type PushTarget } from '../support/pushed-images.ts';
import { REGISTRY_ACCOUNT, startRegistry, type StartedRegistry } from '../support/registry.ts';
import { startRun } from '../support/processes.ts';
import { known } from '../support/fixtures.ts';
import { sharedFolder } from '../git/temporary-folder.ts';

const COMMAND = resolve('src/cli/images.ts');
const FILE = 'config/images.yml';
const TAG: Tag = known(parseTag('12'));
const BOTH = ['linux/amd64', 'linux/arm64'];
const { username, password } = REGISTRY_ACCOUNT;
const Plan = z.array(z.object({ name: z.string(), tag: z.string() }));

const folder = sharedFolder();
let upstream: StartedRegistry;
let other: StartedRegistry;

beforeAll(async () => {
  upstream = await startRegistry({ dir: join(folder, 'upstream') });
  other = await startRegistry({ dir: join(folder, 'other'), auth: true });
});

afterAll(async () => {
  await Promise.all([upstream.stop(), other.stop()]);
});

/** A repository to push to; each test has its own. */
function target({ address }: StartedRegistry, path: string, credentials?: Credentials): PushTarget {
  const repository: Repository = known(parseRepository(path));
  const client = registryClient({ registry: known(parseRegistry(address)), credentials });
  return { address, repository, client };
}

function locked(path: string): PushTarget {
  const authorization = basicAuthorization(username, password);
  return { ...target(other, path, REGISTRY_ACCOUNT), authorization };
}

/** A checkout with three images; the first two share a base by an anchor. */
function project(shared: string, own: string, docker: object = {}) {
  const text = `# what to build, by hand
defaults: { context: ctx }
images:
  - distribution: debian   # two of these
    versions:
      - { version: "12", base: &twelve '${shared}' }

      - version: "12.1"
        base: *twelve
  - distribution: ubuntu
    version: "24.04"
    base: >-
      ${own}
    # the end
`;
  const root = checkout({ [FILE]: text });
  mkdirSync(join(root, '.docker'));
  writeFileSync(join(root, '.docker/config.json'), JSON.stringify(docker));
  const env = { ...process.env, DOCKER_CONFIG: join(root, '.docker') };
  const images = (...args: string[]) => startRun(execPath, [COMMAND, ...args], root, env).done;
  return {
    images,
    text: () => readFileSync(join(root, FILE), 'utf8'),
    tags: async (): Promise<Record<string, string>> => {
      const { stdout } = await images('plan', '--json');
      return Object.fromEntries(Plan.parse(JSON.parse(stdout)).map(({ name, tag }) => [name, tag]));
    },
  };
}

function named({ address, repository }: PushTarget, digest?: Digest): string {
  return `${address}/${repository}:${TAG}${digest === undefined ? '' : `@${digest}`}`;
}

describe('a base that moves in its registry', () => {
  test('is one edit, and the tags of exactly its images', async () => {
    const shared = target(upstream, 'moves/debian');
    const own = target(upstream, 'moves/ubuntu');
    const old = await pushPlatformIndex(shared, BOTH, 'old', TAG);
    const still = await pushPlatformImage(own, 'linux/amd64', 'still', TAG);
    const { images, text, tags } = project(named(shared), named(own));

    const written = text();
    expect((await images('plan')).output).toContain('UNPINNED_BASE');
    expect((await images('refresh')).code).toBe(0);
    const pinned = written
      .replace(named(shared), named(shared, old))
      .replace(named(own), named(own, still));
    expect(text()).toBe(pinned);
    expect(await images('refresh', '--check')).toMatchObject({
      code: 0,
      output: `${FILE} is fresh.\n`,
    });

    const before = await tags();
    const moved = await pushPlatformIndex(shared, BOTH, 'new', TAG);
    expect((await images('refresh', '--check')).code).toBe(4);
    expect(text()).toBe(pinned);
    const { code, stdout } = await images('refresh', '--json');
    expect(code).toBe(0);
    expect(text()).toBe(pinned.replace(old, moved));

    const after = await tags();
    const changed = ['debian-12', 'debian-12.1'];
    expect(Object.keys(after).filter((name) => after[name] !== before[name])).toEqual(changed);
    expect(JSON.parse(stdout)).toMatchObject({
      changes: [{ from: old, to: moved, images: changed }],
      tags: changed.map((image) => ({ image, from: before[image], to: after[image] })),
    });
  });

  test('to another platform only stays as it is', async () => {
    const shared = target(upstream, 'platform/debian');
    const own = target(upstream, 'platform/ubuntu');
    const old = await pushPlatformIndex(shared, BOTH, 'old', TAG);
    const still = await pushPlatformImage(own, 'linux/amd64', 'still', TAG);
    const { images, text } = project(named(shared, old), named(own, still));
    const before = text();
    await pushPlatformIndex(shared, ['linux/arm64'], 'new', TAG);
    await pushPlatformImage(own, 'linux/arm64', 'new', TAG);
    const { code, output } = await images('refresh');
    expect(code).toBe(1);
    expect(output.match(/PLATFORM_MISSING/g)).toHaveLength(2);
    expect(text()).toBe(before);
  });
});

test('a registry that wants an account is shown that of the Docker config, and nothing of it is printed', async () => {
  const shared = locked('private/debian');
  const own = target(upstream, 'private/ubuntu');
  const digest = await pushPlatformImage(shared, 'linux/amd64', 'x', TAG);
  const still = await pushPlatformImage(own, 'linux/amd64', 'x', TAG);
  const anybody = project(named(shared), named(own, still));
  expect(await anybody.images('refresh')).toMatchObject({
    code: 1,
    output: expect.stringContaining('REGISTRY_UNAUTHORIZED') as unknown,
  });
  const auth = Buffer.from(`${username}:${password}`).toString('base64');
  const docker = { auths: { [other.address]: { auth } } };
  const { images, text } = project(named(shared), named(own, still), docker);
  const { code, output } = await images('refresh');
  expect(code).toBe(0);
  expect(output).not.toContain(auth);
  expect(text()).toContain(named(shared, digest));
});

test('a registry that is down keeps its pins, and those of others are refreshed', async () => {
  const down = await startRegistry({ dir: join(folder, 'down') });
  const shared = target(down, 'down/debian');
  const own = target(upstream, 'down/ubuntu');
  const old = await pushPlatformImage(shared, 'linux/amd64', 'old', TAG);
  const still = await pushPlatformImage(own, 'linux/amd64', 'old', TAG);
  const { images, text } = project(named(shared, old), named(own, still));
  const before = text();
  await pushPlatformImage(shared, 'linux/amd64', 'new', TAG);
  const moved = await pushPlatformImage(own, 'linux/amd64', 'new', TAG);
  await down.stop();
  const { code, output } = await images('refresh');
  expect(code).toBe(1);
  expect(output).toMatch(
    /images\[0\]\.versions\[0\]\.base {2}REGISTRY_UNREACHABLE\n.*debian-12, debian-12\.1 stays/,
  );
  expect(text()).toBe(before.replace(named(own, still), named(own, moved)));
});
