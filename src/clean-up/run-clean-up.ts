import { pathBelow, type Digest, type Registry, type Repository } from '../image-reference.ts';
import type { RegistryClient } from '../registry/registry-client.ts';
import { isPublication } from '../retention/attachments.ts';
import type { Forecast } from '../retention/forecast.ts';
import { nameOf } from '../retention/members.ts';
import { countPublications, planCleanUp, type DeletionUnit } from '../retention/plan-clean-up.ts';
import { goingIn } from '../retention/plain-forecast.ts';
import type { HeldVersion } from '../retention/resolve-needs.ts';
import { CleanUpError, type Remover } from './removal.ts';
import type { WriteEntry } from './journal.ts';
import { readTags, tagsIn, type TagDigests } from './read-versions.ts';

/** What was read of registry and branches, and what follows. */
interface CleanUpView {
  readonly forecast: Forecast;
  readonly versions: readonly HeldVersion[];
  /** `source@branch` → commit. */
  readonly branches: Readonly<Record<string, string>>;
}

interface CleanUpWorld {
  readonly registry: Registry;
  readonly prefix: Repository;
  readonly client: Pick<RegistryClient, 'listTags' | 'headManifest' | 'getManifest'>;
  readonly remover: Remover;
  readonly write: WriteEntry;
  readonly now: () => Date;
  /** Reads all of it anew. Throws where the clean-up must not go on. */
  readonly take: () => Promise<CleanUpView>;
  readonly signal: AbortSignal;
}

/** Branches may have moved after so long, in milliseconds. */
const FRESH = 300_000;

/** How often the registry may change during a run. */
const MOST_CHANGES = 10;

/** Why the forecast deletes more than one run may. */
export function findTooMuch(forecast: Forecast, mostPercent: number): CleanUpError | undefined {
  const { units, publications, most } = planCleanUp(forecast, mostPercent);
  const going = countPublications(units);
  if (going <= most) return undefined;
  return new CleanUpError(
    'CLEAN_UP_TOO_MUCH',
    `${going} of ${publications} publications would go, and one run deletes at most ${most} (mostDeletedPercent: ${mostPercent}); nothing was deleted`,
    'read the forecast; if it is right, raise mostDeletedPercent in the retention file for this run, in a reviewed merge request',
  );
}

/**
 * Deletes what the forecast of `first` says, one publication after the other. Looks at the tags of an image before each
 * of its publications goes; where they differ from the forecast, all is read anew, and only what both forecasts delete
 * goes. Ends with the first response that is not expected. Returns how many versions went.
 */
export async function runCleanUp(first: CleanUpView, world: CleanUpWorld): Promise<number> {
  const { client, prefix, write, now } = world;
  const registry = placeOf(world);
  const approved = goingIn(first.forecast);
  const isApproved = ({ deletions }: DeletionUnit) =>
    deletions.every(({ version }) => approved.has(nameOf(version)));
  const removed = new Map<string, HeldVersion>();
  let view = first;
  let takenAt = now().getTime();
  let changes = 0;
  let queue = [...planCleanUp(view.forecast, 100).units];
  for (let unit = queue.shift(); unit !== undefined; unit = queue.shift()) {
    const { image } = unit;
    const path = pathBelow(prefix, image);
    const staying = view.versions.filter(
      (version) => version.packageName === image && !removed.has(nameOf(version)),
    );
    const isSame = areEqual(await readTags(client, path), tagsIn(staying));
    if (!isSame || now().getTime() - takenAt > FRESH) {
      if (!isSame) changes += 1;
      if (changes > MOST_CHANGES) throw restless(world, image);
      view = await world.take();
      takenAt = now().getTime();
      queue = planCleanUp(view.forecast, 100).units.filter(isApproved);
      continue;
    }
    await removeUnit(unit, view, world);
    for (const { version } of unit.deletions) removed.set(nameOf(version), version);
  }
  await checkRemoved(removed.values(), world);
  const left = view.versions.filter((version) => !removed.has(nameOf(version)));
  const counts = publicationsByImage(left);
  write({ event: 'inventory', at: now().toISOString(), registry, publications: counts });
  return removed.size;
}

/** How the journal names the registry. */
function placeOf({ registry, prefix }: Pick<CleanUpWorld, 'registry' | 'prefix'>): string {
  return `${registry}/${prefix}`;
}

async function removeUnit(
  { image, root, deletions }: DeletionUnit,
  view: CleanUpView,
  world: CleanUpWorld,
) {
  const { prefix, remover, write, now, signal } = world;
  const place = () => ({ at: now().toISOString(), registry: placeOf(world), image });
  const { branches } = view;
  signal.throwIfAborted();
  const all = deletions.map(({ version }) => [version.digest, version.tags] as const);
  write({ event: 'begin', ...place(), digest: root.digest, with: Object.fromEntries(all) });
  for (const { version, role, reason } of deletions) {
    signal.throwIfAborted();
    const { digest, tags, uploadedAt, isTimeUnknown } = version;
    const publishedAt = isTimeUnknown === true ? null : uploadedAt.toISOString();
    const facts = { digest, tags, role, publishedAt, reason, branches };
    write({ event: 'delete', ...place(), ...facts });
    const removal = await remover.remove(pathBelow(prefix, image), version);
    write({ event: removal === 'gone' ? 'gone' : 'deleted', ...place(), digest });
  }
}

/** Throws where the registry still has tags of what it says that it has deleted. */
async function checkRemoved(
  removed: Iterable<HeldVersion>,
  { client, prefix, registry }: CleanUpWorld,
): Promise<void> {
  for (const [image, all] of Map.groupBy(removed, ({ packageName }) => packageName)) {
    const digests = new Set<Digest>(all.map(({ digest }) => digest));
    const named = await readTags(client, pathBelow(prefix, image));
    const [stayed] = [...named].filter(([, digest]) => digests.has(digest));
    if (stayed === undefined) continue;
    throw new CleanUpError(
      'CLEAN_UP_STAYED',
      `${registry} said that it has deleted ${image}@${stayed[1]}, and still has it as ${stayed[0]}`,
      'have its operator look at that; run the clean-up again later',
    );
  }
}

function areEqual(one: TagDigests, other: TagDigests): boolean {
  return one.size === other.size && [...one].every(([tag, digest]) => other.get(tag) === digest);
}

function restless({ registry }: CleanUpWorld, image: string): CleanUpError {
  return new CleanUpError(
    'CLEAN_UP_CHANGED',
    `the tags of ${image} at ${registry} change while the clean-up reads them`,
    'run it when nothing is published',
  );
}

/** Image → publications. */
function publicationsByImage(versions: readonly HeldVersion[]): Readonly<Record<string, number>> {
  const published = versions.filter(isPublication);
  const groups = Map.groupBy(published, ({ packageName }) => packageName);
  return Object.fromEntries([...groups].map(([image, all]) => [image, all.length]));
}

/**
 * Why an image has lost a third of its publications since the last run was over: its list may have been cut, or somebody
 * has deleted them.
 */
export function findFewer(
  before: Readonly<Record<string, number>>,
  versions: readonly HeldVersion[],
): CleanUpError | undefined {
  const now = publicationsByImage(versions);
  for (const [image, count] of Object.entries(before)) {
    const { [image]: left = 0 } = now;
    if (count - left < 2 || left * 3 > count * 2) continue;
    return new CleanUpError(
      'CLEAN_UP_FEWER',
      `${image} has ${left} publications, and had ${count} after the clean-up before; nothing was deleted`,
      'if somebody has deleted them on purpose, run this once with --accept-fewer; otherwise look at the registry first',
    );
  }
  return undefined;
}
