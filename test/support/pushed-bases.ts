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
import { docker, dockerCli } from './docker-cli.ts';
import type { Digest, Repository, Tag } from '../../src/image-reference.ts';
import { digestOf } from '../../src/registry/manifest.ts';
import type { RegistryClient } from '../../src/registry/registry-client.ts';
import { env } from 'node:process';
import { pushCheckout } from '../../infra/sandbox/emulators/gitlab/project-repository.ts';
import { readRecord } from '../../infra/sandbox/sandbox-record.ts';
import type { Sandbox } from '../../infra/sandbox/sandbox.ts';

const execute = promisify(execFile);

const TOOLS = ['sh', 'cat', 'sleep', 'false', 'ls', 'mkdir'];

/**
 * Pushes a small base image made of one static busybox, and returns its pinned reference; another `edition`
 * moves the tag to another digest. The Docker Engine keeps no image of it afterwards.
 */
export async function pushBusyboxBase(
  registry: string,
  busybox: string,
  edition?: string,
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
    const change = edition === undefined ? [] : ['--change', `LABEL edition=${edition}`];
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

const IMAGE = 'application/vnd.oci.image.manifest.v1+json';
const INDEX = 'application/vnd.oci.image.index.v1+json';

/** A repository of a registry that lets anybody, or whoever `authorization` says, push. */
export interface PushTarget {
  /** `127.0.0.1:<port>`. */
  readonly address: string;
  readonly repository: Repository;
  readonly client: RegistryClient;
  readonly authorization?: string;
}

/**
 * Pushes an image without layers for a platform such as `linux/amd64`, by its digest and under `tag`
 * where there is one; another `content` gives another digest.
 */
export async function pushPlatformImage(
  target: PushTarget,
  platform: string,
  content: string,
  tag?: Tag,
): Promise<Digest> {
  const [os, architecture] = platform.split('/');
  const config = encode({
    os,
    architecture,
    config: { Labels: { content } },
    rootfs: { type: 'layers', diff_ids: [] },
  });
  const mediaType = 'application/vnd.oci.image.config.v1+json';
  const digest = await pushBlob(target, config);
  const manifest = {
    schemaVersion: 2,
    mediaType: IMAGE,
    config: { mediaType, digest, size: config.byteLength },
    layers: [],
  };
  return put(target, IMAGE, manifest, tag);
}

/** Pushes an index of such images, one for each platform, under `tag`. */
export async function pushPlatformIndex(
  target: PushTarget,
  platforms: readonly string[],
  content: string,
  tag: Tag,
): Promise<Digest> {
  const manifests = [];
  for (const platform of platforms) {
    const digest = await pushPlatformImage(target, platform, content);
    const found = await target.client.headManifest(target.repository, digest);
    const [os, architecture] = platform.split('/');
    manifests.push({ mediaType: IMAGE, digest, size: found?.size, platform: { os, architecture } });
  }
  return put(target, INDEX, { schemaVersion: 2, mediaType: INDEX, manifests }, tag);
}

function put(
  { client, repository }: PushTarget,
  mediaType: string,
  content: unknown,
  tag?: Tag,
): Promise<Digest> {
  const bytes = encode(content);
  return client.putManifest(repository, tag ?? digestOf(bytes), { mediaType, bytes });
}

/** Uploads a blob in one go, which the client itself never has to do. */
async function pushBlob(
  { address, repository, authorization }: PushTarget,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<Digest> {
  const headers = authorization === undefined ? undefined : { authorization };
  const uploads = `http://${address}/v2/${repository}/blobs/uploads/`;
  const begun = await fetch(uploads, { method: 'POST', ...(headers && { headers }) });
  const upload = new URL(begun.headers.get('location') ?? '', begun.url);
  const digest = digestOf(bytes);
  upload.searchParams.set('digest', digest);
  const ended = await fetch(upload, { method: 'PUT', body: bytes, ...(headers && { headers }) });
  if (ended.status === 201) return digest;
  throw new Error(`the registry took no blob: ${ended.status} ${await ended.text()}`);
}

function encode(content: unknown): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(JSON.stringify(content));
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
