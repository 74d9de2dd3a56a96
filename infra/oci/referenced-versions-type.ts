import { isDeepStrictEqual } from 'node:util';
import { parseRepository, type Repository } from '../../src/image-reference.ts';
import {
  changeNeeds,
  forget,
  forgetDigests,
  keptDigests,
  NO_MEMORY,
  remember,
  type Memory,
} from '../../src/branches/memory.ts';
import { isRefusal } from '../../src/registry/registry-error.ts';
import type { Properties, ResourceType } from './protocol/resource-type.ts';
import type { Connect } from './connect.ts';
import {
  lookUpVersions,
  restoreUnreferenced,
  retireVersions,
  staleVersions,
} from './versions-in-registry.ts';
import { inputsOf, memoryOf, outputsOf, propertiesOf } from './referenced-state.ts';

/** What the resource takes from the world. */
export interface ReferencedVersionsWorld {
  readonly connect: Connect;
  readonly now: () => Date;
}

/**
 * `oci:index:ReferencedVersions`: which versions the supported branches need, and which they needed until
 * less than the grace period ago. It is declared before the registry, whose clean-up policies keep its
 * `digests`, and before the aliases, which follow its `pins`. It is the memory that the grace period needs.
 *
 * When the last reference of a version goes, an update writes a marker tag at it (`graceMarker`), for
 * people and for a state that was lost, and removes the aliases of branches that no longer need it.
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
  async function isFoundLate(memory: Memory, properties: Properties, signal: AbortSignal) {
    if (!isIncomplete(memory)) return false;
    const { repositories } = await open(properties, signal);
    return (await lookUpVersions(memory, repositories)).size > 0;
  }

  return {
    async diff({ oldInputs, oldOutputs, news, signal }) {
      const keys = Object.keys(news).filter((key) => !isDeepStrictEqual(oldInputs[key], news[key]));
      const replaces = keys.filter((key) => key === 'registry' || key === 'repositoryPrefix');
      if (keys.length > 0) return { changed: keys, replaces };
      const memory = memoryOf(oldOutputs);
      const digests = keptDigests(memory, inputsOf(news).gracePeriod, now());
      const isDue = !isDeepStrictEqual(oldOutputs['digests'], digests);
      // A read ahead of the program may have had no login: a version that is found only now is an update.
      const isLate = await isFoundLate(memory, news, signal);
      return { changed: [...(isDue ? ['digests'] : []), ...(isLate ? ['versions'] : [])] };
    },

    async create({ inputs: properties, preview, signal }) {
      const inputs = await open(properties, signal);
      const { registry, repositoryPrefix, gracePeriod, needs, images, repositories } = inputs;
      const { memory } = changeNeeds(NO_MEMORY, needs, now());
      const learn = async (): Promise<Memory> => {
        const found = await lookUpVersions(memory, repositories);
        const unreferenced = await restoreUnreferenced(images, repositories);
        return { ...remember(memory, found, NO_MEMORY, now()), unreferenced };
      };
      // A registry that is yet to be made may refuse a preview; a run that acts makes it first.
      const known = preview ? await unlessRefused(learn, memory) : await learn();
      const restored = forget(known, gracePeriod, now());
      return {
        id: `${registry}/${repositoryPrefix}`,
        outputs: outputsOf(properties, restored, now()),
        refreshBeforeUpdate: isIncomplete(restored),
      };
    },

    async read({ inputs: properties, outputs, signal }) {
      const { repositories } = await open(properties, signal);
      const before = memoryOf(outputs);
      const learn = async (): Promise<Memory> => {
        const stale = await staleVersions(before, repositories);
        const memory = forgetDigests(before, stale, now());
        const found = await lookUpVersions(memory, repositories);
        return remember(memory, found, memory, now());
      };
      // The engine may read before the program has logged in; `diff` looks again afterwards.
      const next = await unlessRefused(learn, before);
      // The digests stay as they are: only an update changes what policies are made of.
      return {
        inputs: properties,
        outputs: { ...outputs, ...propertiesOf(next) },
        refreshBeforeUpdate: isIncomplete(next),
      };
    },

    async update({ oldOutputs, news, preview, log, signal }) {
      const { gracePeriod, needs, repositories } = await open(news, signal);
      const old = memoryOf(oldOutputs);
      // A version that was needed until now and is found only now must have its grace period, too.
      const before = remember(old, await lookUpVersions(old, repositories), old, now());
      const change = changeNeeds(before, needs, now());
      // Before anything is removed: this fails where the registry does not say what is needed now.
      const found = await lookUpVersions(change.memory, repositories);
      if (!preview) await retireVersions(change, repositories, { now: now(), log });
      const next = remember(change.memory, found, before, now());
      return outputsOf(news, forget(next, gracePeriod, now()), now());
    },

    mustReadAgain: (outputs) => isIncomplete(memoryOf(outputs)),

    // The memory goes with the stack; the versions stay, and so do the markers.
    delete: () => Promise.resolve(),
  };
}

async function unlessRefused(learn: () => Promise<Memory>, otherwise: Memory): Promise<Memory> {
  try {
    return await learn();
  } catch (error) {
    if (isRefusal(error)) return otherwise;
    throw error;
  }
}

function isIncomplete({ versions }: Memory): boolean {
  return versions.some(({ digest }) => digest === undefined);
}

function pathBelow(repositoryPrefix: string, image: string): Repository {
  const path = parseRepository(`${repositoryPrefix}/${image}`);
  if (path === undefined) throw new Error(`${image} is no name that an image can have`);
  return path;
}
