import { execFile } from 'node:child_process';
import { env } from 'node:process';
import { promisify } from 'node:util';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isReachable } from '../../infra/toolchain/probe.ts';
import { findRootFileSystemMaker } from '../../infra/sandbox/make-base-image.ts';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';

const execute = promisify(execFile);

/** Bytes: an engine that has built for long lists thousands of records. */
const LARGEST = 256 * 1024 ** 2;

/** The Docker client that tests start: `$DOCKER_CLI`, or `docker` from PATH. */
export function dockerCli(): string {
  return env['DOCKER_CLI'] ?? 'docker';
}

/** The environment in which that client builds with BuildKit; `DOCKER_HOST` is passed on as it is. */
export function dockerEnvironment(): NodeJS.ProcessEnv {
  return { ...env, DOCKER_BUILDKIT: '1' };
}

/** Runs the client and returns what it printed; the event loop goes on meanwhile. */
export async function docker(...args: readonly string[]): Promise<string> {
  const { stdout } = await execute(dockerCli(), args, {
    env: dockerEnvironment(),
    maxBuffer: LARGEST,
  });
  return stdout;
}

/** Builds `reference` from an image by instructions of a Dockerfile, without a network, and returns it. */
export async function buildOn(
  image: string,
  reference: string,
  instructions: readonly string[],
): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'build-on-'));
  try {
    writeFileSync(join(folder, 'Dockerfile'), `FROM ${image}\n${instructions.join('\n')}\n`);
    await docker('build', '--quiet', '--network', 'none', '--tag', reference, folder);
    return reference;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The platform of this machine. */
const NATIVE = process.arch === 'arm64' ? 'linux/arm64' : 'linux/amd64';

const DOCKER_HUB = 'https://registry-1.docker.io/v2/';

/**
 * Gives the Docker Engine a real Debian base image, named `reference`: Docker Hub's where that can be
 * reached, otherwise one that is made from Debian's packages, which takes half a minute once a day.
 */
export async function provideDebianBase(suite: string, reference: string): Promise<void> {
  if (await isReachable(DOCKER_HUB)) {
    const upstream = `docker.io/library/debian:${suite}-slim`;
    await docker('pull', '--quiet', upstream);
    await docker('tag', upstream, reference);
    return;
  }
  const make = await findRootFileSystemMaker((line) => {
    console.error(`engine tests: ${line}`);
  });
  await docker('import', await make(suite, NATIVE), reference);
}

const CacheRecord = z.object({
  ID: z.string(),
  // One parent up to Docker Engine 20.10, several from then on.
  Parent: z.string().optional(),
  Parents: z.array(z.string()).nullish(),
  Description: z.string().default(''),
});
type CacheRecord = z.infer<typeof CacheRecord>;

/**
 * Makes the Docker Engine forget what was built on bases from this registry: its images and the
 * build cache on top of them, as on a fresh runner. Whatever else the engine holds stays.
 */
export async function forgetBuilds(registry: string): Promise<void> {
  await forgetImages(registry);
  const listed = await listBuildCache();
  const records = z.array(CacheRecord).parse(JSON.parse(listed));
  const condemned = new Set<string>();
  for (let before = -1; before !== condemned.size;) {
    before = condemned.size;
    for (const record of records) {
      if (isFrom(record, registry) || parentsOf(record).some((id) => condemned.has(id))) {
        condemned.add(record.ID);
      }
    }
  }
  // The latest found stand on the earlier ones, which can't go before them.
  for (const id of [...condemned].reverse()) {
    await docker('builder', 'prune', '--all', '--force', '--filter', `id=${id}`);
  }
}

/** Removes the images of this registry, and leaves the build cache. */
async function forgetImages(registry: string): Promise<void> {
  const listed = await docker('image', 'ls', '--all', '--format', '{{.Repository}}:{{.Tag}}');
  const images = listed
    .split('\n')
    .filter((name) => name.startsWith(`${registry}/`) && !name.endsWith(':<none>'));
  if (images.length > 0) await docker('image', 'rm', '--force', ...images);
}

/** The engine does this for one client at a time, and refuses the others. */
async function listBuildCache(): Promise<string> {
  for (;;) {
    try {
      return await docker('system', 'df', '--verbose', '--format', '{{json .BuildCache}}');
    } catch (error) {
      if (!String(error).includes('operation is already running')) throw error;
      await pause(200);
    }
  }
}

function isFrom({ Description }: CacheRecord, registry: string): boolean {
  return Description.includes(`${registry}/`);
}

function parentsOf({ Parent, Parents }: CacheRecord): string[] {
  return [...(Parent === undefined ? [] : [Parent]), ...(Parents ?? [])].filter((id) => id !== '');
}
