import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import { cacheFolder } from '../git/cache-folder.ts';
import type { Digest } from '../image-reference.ts';
import { parseJson } from '../json.ts';
import { sortPackages, type Packages } from '../packages/package-list.ts';

const Known = z.object({
  kind: z.literal('known'),
  list: z.object({
    format: z.enum(['deb', 'rpm']),
    distribution: z.object({ id: z.string(), version: z.string() }),
    packages: z
      .array(z.object({ name: z.string(), version: z.string(), architecture: z.string() }))
      .min(1)
      .transform(sortPackages),
  }),
});

const Kept = z.union([Known, z.object({ kind: z.literal('unknown'), reason: z.string() })]);

const fileOf = (folder: string, digest: Digest) =>
  join(folder, 'packages', `${digest.replace(':', '-')}.json`);

/**
 * Keeps the package list of an image that one step of a run has found, such as the boot of a VM disk, for a later step
 * that attests it. `digest` is that of the platform's manifest.
 */
export async function keepList(
  digest: Digest,
  packages: Packages,
  folder: string = cacheFolder(),
): Promise<void> {
  const file = fileOf(folder, digest);
  const written = `${file}.${randomBytes(4).toString('hex')}`;
  await mkdir(join(folder, 'packages'), { recursive: true });
  try {
    await writeFile(written, JSON.stringify(packages));
    await rename(written, file);
  } finally {
    await rm(written, { force: true });
  }
}

/** What `keepList` has kept of an image; `undefined` where nothing was kept, or it cannot be read. */
export async function keptList(
  digest: Digest,
  folder: string = cacheFolder(),
): Promise<Packages | undefined> {
  const text = await readFile(fileOf(folder, digest), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : Kept.safeParse(parseJson(text)).data;
}
