import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { docker } from './docker-cli.ts';

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
export async function forgetImages(registry: string): Promise<void> {
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
