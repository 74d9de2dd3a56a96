import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { z } from 'zod';
import type { Digest } from '../image-reference.ts';
import { parseJson } from '../json.ts';

/** What is kept of images, each kind in a folder of its own. */
type Kind = 'packages' | 'verifications';

const fileOf = (folder: string, kind: Kind, digest: Digest) =>
  join(folder, kind, `${digest.replace(':', '-')}.json`);

/** Keeps a result about an image in the user's cache folder. `digest` is that of the platform's manifest. */
export async function keepResult(folder: string, kind: Kind, digest: Digest, result: unknown) {
  const file = fileOf(folder, kind, digest);
  const written = `${file}.${randomBytes(4).toString('hex')}`;
  await mkdir(join(folder, kind), { recursive: true });
  try {
    await writeFile(written, JSON.stringify(result));
    await rename(written, file);
  } finally {
    await rm(written, { force: true });
  }
}

/** What `keepResult` has kept of an image; `undefined` where nothing was kept, or it cannot be read. */
export async function keptResult<Result>(
  folder: string,
  kind: Kind,
  digest: Digest,
  schema: z.ZodType<Result>,
): Promise<Result | undefined> {
  const text = await readFile(fileOf(folder, kind, digest), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : schema.safeParse(parseJson(text)).data;
}
