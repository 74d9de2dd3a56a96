import { isDeepStrictEqual } from 'node:util';
import { parseRepository, type Repository } from '../../src/image-reference.ts';
import {
  changeNeeds,
  endGrace,
  dropStaleDigests,
  keptDigests,
  NONE_TRACKED,
  addDigests,
  type TrackedVersions,
} from '../../src/branches/grace-period.ts';
import { isRefusal } from '../../src/registry/registry-error.ts';
import type { Properties, ResourceType } from './protocol/resource-type.ts';
import { branchFailures, branchNews, changedKeys } from './branch-records.ts';
import type { Connect } from './connect.ts';
import {
  lookUpVersions,
  restoreUnreferenced,
  retireVersions,
  staleVersions,
} from './versions-in-registry.ts';
import { inputsOf, trackedOf, outputsOf, propertiesOf } from './referenced-state.ts';

/** What the resource takes from the world. */
interface ReferencedVersionsWorld {
  readonly connect: Connect;
  readonly now: () => Date;
}

/**
 * `oci:index:ReferencedVersions`: which versions the supported branches need, and which they needed until less
 * than the grace period ago. Clean-up policies keep its `digests`, and aliases follow its `pins`.
 *
 * When the last reference of a version goes, an update writes a marker tag at it (`graceMarker`), for people
 * and for a state that was lost, and removes the aliases of branches that no longer need it. The memory goes
 * with the stack; versions and markers stay.
 */
export function referencedVersionsType({ connect, now }: ReferencedVersionsWorld): ResourceType {
  /** The inputs, and the repositories that they name. */
  async function open(properties: Properties, signal: AbortSignal) {
    const inputs = inputsOf(properties);
    const pathOf = (image: string) => pathBelow(inputs.repositoryPrefix, image);
    const repositories = { client: await connect(inputs.registry, signal), pathOf };
    return { ...inputs, repositories };
  }

  /** Whether the registry has a version by now that it did not have before. */
  async function isFoundLate(
    tracked: TrackedVersions,
    properties: Properties,
    signal: AbortSignal,
  ) {
    if (!isIncomplete(tracked)) return false;
    const { repositories } = await open(properties, signal);
    return (await lookUpVersions(tracked, repositories)).size > 0;
  }

  return {
    check: ({ olds = {}, news }) => ({ inputs: news, failures: branchFailures(olds, news) }),

    async diff({ oldInputs, oldOutputs, news, signal }) {
      const unequal = Object.keys(news).filter(
        (key) => !isDeepStrictEqual(oldInputs[key], news[key]),
      );
      const keys = changedKeys(unequal, oldInputs, news);
      const replaces = keys.filter((key) => key === 'registry' || key === 'repositoryPrefix');
      if (keys.length > 0) return { changed: keys, replaces };
      const tracked = trackedOf(oldOutputs);
      const digests = keptDigests(tracked, inputsOf(news).gracePeriod, now());
      const isDue = !isDeepStrictEqual(oldOutputs['digests'], digests);
      // A read ahead of the program may have had no login: a version that is found only now is an update.
      const isLate = await isFoundLate(tracked, news, signal);
      return { changed: [...(isDue ? ['digests'] : []), ...(isLate ? ['versions'] : [])] };
    },

    async create({ inputs: properties, preview, signal }) {
      const inputs = await open(properties, signal);
      const { registry, repositoryPrefix, gracePeriod, needs, images, repositories } = inputs;
      const { tracked } = changeNeeds(NONE_TRACKED, needs, now());
      const learn = async (): Promise<TrackedVersions> => {
        const found = await lookUpVersions(tracked, repositories);
        const unreferenced = await restoreUnreferenced(images, repositories);
        return { ...addDigests(tracked, found, NONE_TRACKED, now()), unreferenced };
      };
      // A registry that is yet to be made may refuse a preview; a run that acts makes it first.
      const known = preview ? await unlessRefused(learn, tracked) : await learn();
      const restored = endGrace(known, gracePeriod, now());
      const outputs = outputsOf(properties, restored, now());
      return { id: `${registry}/${repositoryPrefix}`, outputs };
    },

    async read({ inputs: properties, outputs, signal }) {
      const { repositories } = await open(properties, signal);
      const before = trackedOf(outputs);
      const learn = async (): Promise<TrackedVersions> => {
        const stale = await staleVersions(before, repositories);
        const tracked = dropStaleDigests(before, stale, now());
        const found = await lookUpVersions(tracked, repositories);
        return addDigests(tracked, found, tracked, now());
      };
      // The engine may read before the program has logged in; `diff` looks again afterwards.
      const next = await unlessRefused(learn, before);
      // The digests stay as they are: only an update changes what policies are made of.
      return { inputs: properties, outputs: { ...outputs, ...propertiesOf(next) } };
    },

    async update({ oldInputs, oldOutputs, news, preview, log, signal }) {
      const { gracePeriod, needs, repositories } = await open(news, signal);
      const until = new Date(now().getTime() + gracePeriod * 1000);
      for (const line of branchNews(oldInputs, news, until)) log('info', line);
      const old = trackedOf(oldOutputs);
      // A version that was needed until now and is found only now must have its grace period, too.
      const before = addDigests(old, await lookUpVersions(old, repositories), old, now());
      const change = changeNeeds(before, needs, now());
      // Before anything is removed: this fails where the registry does not say what is needed now.
      const found = await lookUpVersions(change.tracked, repositories);
      if (!preview) await retireVersions(change, repositories, { now: now(), log });
      const next = addDigests(change.tracked, found, before, now());
      return outputsOf(news, endGrace(next, gracePeriod, now()), now());
    },

    refreshBeforeUpdate: (outputs) => isIncomplete(trackedOf(outputs)),
  };
}

async function unlessRefused(
  learn: () => Promise<TrackedVersions>,
  otherwise: TrackedVersions,
): Promise<TrackedVersions> {
  try {
    return await learn();
  } catch (error) {
    if (isRefusal(error)) return otherwise;
    throw error;
  }
}

function isIncomplete({ versions }: TrackedVersions): boolean {
  return versions.some(({ digest }) => digest === undefined);
}

function pathBelow(repositoryPrefix: string, image: string): Repository {
  const path = parseRepository(`${repositoryPrefix}/${image}`);
  if (path === undefined) throw new Error(`${image} is no name that an image can have`);
  return path;
}
