import {
  addDigests,
  dropStaleDigests,
  graceStart,
  joinGrace,
  type TrackedVersions,
} from '../../src/branches/grace-period.ts';
import { parseRepository, pathBelow } from '../../src/image-reference.ts';
import { areFewer, attachmentsOf, eitherOf, lookUpAttachments } from './attachments.ts';
import type { Connect } from './connect.ts';
import type { Log, Properties } from './protocol/resource-type.ts';
import { branchesOf, inputsOf } from './referenced-state.ts';
import {
  compareVersions,
  type ImageRepositories,
  lookUpVersions,
  readFormerAliases,
  readNamedVersions,
  readUnreferenced,
} from './versions-in-registry.ts';

/** What the resource takes from the world. */
export interface ReferencedVersionsWorld {
  readonly connect: Connect;
  readonly now: () => Date;
}

const DAY_MS = 86_400_000;

/**
 * The inputs of the resource, and what a run asks the registry that they name: `learn` in place of what an earlier
 * run has tracked, `restore` where nothing is known of one.
 */
export async function openVersions(
  properties: Properties,
  { connect, now }: ReferencedVersionsWorld,
  signal: AbortSignal,
) {
  const inputs = inputsOf(properties);
  const { gracePeriod, images, keep, sourceTags, needs, registry, repositoryPrefix } = inputs;
  const pathOf = (image: string) => pathBelow(repositoryPrefix, image);
  const repositories = { client: await connect(registry, signal), pathOf };
  // The clocks of registry and machine differ: the one that gives the longer grace period counts.
  const clock = () => repositories.client.clock() ?? now();
  const startOf = (tracked: TrackedVersions) => {
    const commits = branchesOf(properties).map(({ committedAt }) => committedAt);
    return graceStart(tracked, now(), [...commits, clock().toISOString()]);
  };
  const time = () => new Date(Math.min(now().getTime(), clock().getTime()));

  /** Adds the versions that only the registry knows to be in their grace period. */
  const withUnreferenced = async (tracked: TrackedVersions, olds: Properties) => {
    const known = [...tracked.versions, ...tracked.unreferenced].map(({ image }) => image);
    const all = await imagesInRegistry(repositories, repositoryPrefix);
    const branches = [...branchesOf(olds), ...branchesOf(properties)].map(({ alias }) => alias);
    const found = await readUnreferenced(
      [...images, ...known, ...all],
      tracked,
      { branches: [...new Set(branches)], start: startOf(tracked) },
      repositories,
    );
    const earliest = time().getTime() - gracePeriod * 1000;
    return joinGrace(
      tracked,
      found.filter(({ since }) => Date.parse(since) > earliest),
    );
  };

  /** What the registry says by now of the versions that a run with the inputs `olds` has tracked. */
  const learn = async (before: TrackedVersions, olds: Properties) => {
    const { stale, overwritten } = await compareVersions(before, repositories);
    const tracked = dropStaleDigests(before, stale, startOf(before));
    const found = await lookUpVersions(tracked, repositories);
    const known = await withUnreferenced(addDigests(tracked, found, now()), olds);
    return { known, overwritten };
  };

  const attachmentsFor = async (tracked: TrackedVersions, outputs: Properties) => {
    const known = attachmentsOf(outputs);
    const look = async () => {
      const all = [...images, ...(await imagesInRegistry(repositories, repositoryPrefix))];
      return lookUpAttachments(all, keep, tracked, repositories, known);
    };
    const found = await look();
    // A list may lack a version that is there: policies keep less only after a second look.
    return areFewer(found, known) ? eitherOf(found, await look()) : found;
  };

  /** Adds what the registry says of a state that may have been lost, whatever this clock says. */
  const restore = async (tracked: TrackedVersions, log: Log): Promise<TrackedVersions> => {
    const found = await lookUpVersions(tracked, repositories);
    const known = addDigests(tracked, found, now());
    const all = [...images, ...(await imagesInRegistry(repositories, repositoryPrefix, log))];
    const start = startOf(known);
    const unknown = { branches: [], start };
    const marked = await readUnreferenced(all, known, unknown, repositories);
    const aliases = await readFormerAliases(marked, needs, repositories);
    const named = await readNamedVersions(all, { keep, sourceTags, needs, start }, repositories);
    // Runs without a state are creations, each of which would write another marker. A day is no loss: a grace period is
    // over when two runs, a day apart, find so.
    const recent = new Set(
      marked.flatMap(({ image, digest, since }) =>
        Date.parse(since) + DAY_MS > start.getTime() ? `${image}@${digest}` : [],
      ),
    );
    const unmarked = named.filter(({ image, digest }) => !recent.has(`${image}@${digest}`));
    return joinGrace(known, [...marked, ...unmarked], aliases);
  };

  return { ...inputs, repositories, startOf, time, learn, restore, attachmentsFor };
}

/** The images of the registry, in the catalog or not; none, with a warning, where it does not list them. */
async function imagesInRegistry(
  { client }: ImageRepositories,
  repositoryPrefix: string,
  log?: Log,
): Promise<readonly string[]> {
  const prefix = parseRepository(repositoryPrefix);
  const images = prefix && (await client.listBelow(prefix));
  if (images !== undefined) return images;
  log?.(
    'warning',
    `the registry does not list the images below ${repositoryPrefix}: grace periods of images that are in no catalog are unknown`,
  );
  return [];
}
