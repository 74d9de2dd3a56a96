import type { Digest, Repository } from '../../src/image-reference.ts';
import { graceMarker } from '../../src/branches/grace-marker.ts';
import type { Change } from '../../src/branches/memory.ts';
import type { RegistryClient } from '../../src/registry/registry-client.ts';
import { RegistryError } from '../../src/registry/registry-error.ts';
import { untag } from '../../src/registry/untag.ts';
import type { Log } from './protocol/resource-type.ts';
import { inTurns } from './in-turns.ts';
import { pointTag } from './point-tag.ts';

/**
 * Writes a marker at each version that lost its last reference, and then removes the aliases of branches
 * that need an image no longer. An alias that somebody has moved since is not ours, and stays.
 */
export async function retireVersions(
  { orphans, dropped }: Pick<Change, 'orphans' | 'dropped'>,
  client: RegistryClient,
  pathOf: (image: string) => Repository,
  { now, log }: { readonly now: Date; readonly log: Log },
): Promise<void> {
  await inTurns(orphans, async ({ image, digest }) => {
    await mark(client, pathOf(image), digest, now);
    log('info', `${image}@${digest} is needed no longer: it stays for the grace period`);
  });
  await inTurns(dropped, async ({ image, alias, digest }) => {
    const path = pathOf(image);
    const named = await client.headManifest(path, alias);
    if (named === undefined || named.digest !== digest) return;
    if ((await untag(client, path, alias)) !== 'unsupported') return;
    log('info', `${path}:${alias} stays: this registry cannot remove a tag without its image`);
  });
}

/** A version that is gone needs no marker. */
async function mark(client: RegistryClient, path: Repository, digest: Digest, now: Date) {
  try {
    await pointTag(client, path, graceMarker(now), digest);
  } catch (error) {
    if (!(error instanceof RegistryError) || error.code !== 'MANIFEST_MISSING') throw error;
  }
}
