import { execFile, execFileSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { formatImageReference, parseImageReference, parseTag } from '../../src/image-reference.ts';
import { composeIndex } from '../../src/registry/image-index.ts';
import type { RegistryClient } from '../../src/registry/registry-client.ts';
import { docker, dockerCli } from './docker-cli.ts';
import { known } from './fixtures.ts';
import { env } from 'node:process';
import { pushCheckout } from '../../infra/sandbox/emulators/gitlab/project-repository.ts';
import { readRecord } from '../../infra/sandbox/sandbox-record.ts';
import type { Sandbox } from '../../infra/sandbox/sandbox.ts';

const execute = promisify(execFile);

/** Pushes an index that has a base for several platforms; its pinned reference. */
export async function pushBaseIndex(
  client: RegistryClient,
  base: string,
  platforms: readonly string[],
): Promise<string> {
  const { registry, repository, digest } = known(parseImageReference(base));
  const descriptor = known(await client.headManifest(repository, known(digest)));
  const members = platforms.map((platform) => ({ platform, descriptor }));
  const index = composeIndex(members, {});
  const tag = known(parseTag('both'));
  await client.putManifest(repository, tag, index);
  return formatImageReference({ registry, repository, tag, digest: index.digest });
}

const TOOLS = ['sh', 'cat', 'sleep', 'false', 'ls', 'mkdir'];

/**
 * Pushes a small base image made of one static busybox, and returns its pinned reference; another `edition`
 * moves the tag to another digest. A `command` is for what is started as it is. The Docker Engine keeps no image of it afterwards.
 */
export async function pushBusyboxBase(
  registry: string,
  busybox: string,
  edition?: string,
  command?: string,
): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'busybox-'));
  const reference = `${registry}/upstream/busybox:1`;
  try {
    const root = join(folder, 'root');
    mkdirSync(join(root, 'bin'), { recursive: true });
    copyFileSync(busybox, join(root, 'bin/busybox'));
    for (const tool of TOOLS) symlinkSync('busybox', join(root, 'bin', tool));
    const archive = join(folder, 'root.tar');
    await execute('tar', ['--create', '--file', archive, '--directory', root, '.']);
    const labelled = edition === undefined ? [] : ['--change', `LABEL edition=${edition}`];
    const change = command === undefined ? labelled : [...labelled, '--change', `CMD ${command}`];
    await docker('import', ...change, archive, reference);
    const pushed = await docker('push', reference);
    const digest = /digest: (sha256:[a-f0-9]{64})/.exec(pushed)?.[1];
    if (digest === undefined) throw new Error(`the push of ${reference} said no digest: ${pushed}`);
    await docker('image', 'rm', reference);
    return `${reference}@${digest}`;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/**
 * Gives an image of a running sandbox a base of the sandbox's own registry, in the catalog and on `main`,
 * and then moves the base's tag. `base` is what the catalog says before. Returns what the tag names now.
 */
export async function moveBase(sandbox: Sandbox, base: string): Promise<string> {
  const registry = readRecord(sandbox)?.registry ?? '';
  const moving = `${registry}/upstream/moving:1`;
  const push = async (label: string) => {
    const recipe = `FROM ${base}\nLABEL edition=${label}\n`;
    execFileSync(dockerCli(), ['build', '--quiet', '--tag', moving, '-'], { input: recipe, env });
    const pushed = await docker('push', moving);
    return /digest: (sha256:[a-f0-9]{64})/.exec(pushed)?.[1] ?? '';
  };
  const before = await push('one');
  const catalog = readFileSync(sandbox.catalogFile, 'utf8');
  writeFileSync(sandbox.catalogFile, catalog.replace(base, `${moving}@${before}`));
  await pushCheckout(sandbox);
  const after = await push('two');
  await docker('image', 'rm', '--force', moving);
  return after;
}
