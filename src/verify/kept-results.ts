import { mkdir, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { z } from 'zod';
import { removeAbandoned, removeLeastUsed, unfinished } from '../disk/disk-files.ts';
import { cacheFolder } from '../git/cache-folder.ts';
import type { Digest } from '../image-reference.ts';
import { parseJson } from '../json.ts';

/** What is kept of images, each kind in a folder of its own. */
type Kind = 'packages' | 'verifications';

/** Bytes of each kind: the package lists of a thousand images, or more. */
const MOST_BYTES = 64 * 1024 * 1024;

const folderOf = (kind: Kind) => join(cacheFolder(), kind);

const fileOf = (kind: Kind, digest: Digest) =>
  join(folderOf(kind), `${digest.replace(':', '-')}.json`);

/**
 * Keeps a result about an image in the user's cache folder, where those that were used longest ago make room. `digest`
 * is that of the platform's manifest.
 */
export async function keepResult(kind: Kind, digest: Digest, result: unknown) {
  const file = fileOf(kind, digest);
  const written = unfinished(file);
  const all = folderOf(kind);
  await mkdir(all, { recursive: true });
  try {
    await writeFile(written, JSON.stringify(result));
    await rename(written, file);
  } finally {
    await rm(written, { force: true });
  }
  await removeAbandoned(all);
  await removeLeastUsed(all, MOST_BYTES);
}

/** What `keepResult` has kept of an image; `undefined` where nothing was kept, or it cannot be read. */
export async function keptResult<Result>(
  kind: Kind,
  digest: Digest,
  schema: z.ZodType<Result>,
): Promise<Result | undefined> {
  const file = fileOf(kind, digest);
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const now = new Date();
  await utimes(file, now, now).catch(() => undefined);
  return schema.safeParse(parseJson(text)).data;
}
