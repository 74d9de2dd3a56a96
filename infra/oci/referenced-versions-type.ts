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
  lookForVersions,
  staleVersions,
  restoreUnreferenced,
  retireVersions,
} from './versions-in-registry.ts';
import { inputsOf, memoryOf, outputsOf, propertiesOf } from './referenced-state.ts';

/** What the resource takes from the world. */
export interface ReferencedVersionsWorld {
  readonly connect: Connect;
  readonly now: () => Date;
}

/**
 * `oci:index:ReferencedVersions`: which versions the supported branches need, and which they needed until
 * less than the grace period ago. It is declared before the registry, whose clean-up policies keep the
 * `digests` that it answers, and before the aliases, which follow its `pins`; and it is the memory that
 * the grace period needs.
 *
 * When the last reference of a version goes, an update writes a marker tag at it (`graceMarker`), for
 * people and for a state that was lost, and removes the aliases of branches that need it no longer.
 */
export function referencedVersionsType({ connect, now }: ReferencedVersionsWorld): ResourceType {
  /** The inputs, and the registry that they are about. */
  async function open(properties: Properties, signal: AbortSignal) {
    const inputs = inputsOf(properties);
    const pathOf = (image: string) => pathBelow(inputs.repositoryPrefix, image);
    return { ...inputs, pathOf, client: await connect(inputs.registry, signal) };
  }

  async function look(memory: Memory, properties: Properties, signal: AbortSignal) {
    const { client, pathOf } = await open(properties, signal);
    return lookForVersions(memory, client, pathOf);
  }

  return {
    async diff({ oldInputs, oldOutputs, news, signal }) {
      const keys = Object.keys(news).filter((key) => !isDeepStrictEqual(oldInputs[key], news[key]));
      const replaces = keys.filter((key) => key === 'registry' || key === 'repositoryPrefix');
      if (keys.length > 0) return { changed: keys, replaces };
      const memory = memoryOf(oldOutputs);
      const digests = keptDigests(memory, inputsOf(news).gracePeriod, now());
      const isDue = !isDeepStrictEqual(oldOutputs['digests'], digests);
      // A read ahead of the program may have had no login; what is found only now is an update.
      const isLate = isIncomplete(memory) && (await look(memory, news, signal)).size > 0;
      return { changed: [...(isDue ? ['digests'] : []), ...(isLate ? ['versions'] : [])] };
    },

    async create({ inputs: properties, preview, signal }) {
      const { registry, repositoryPrefix, gracePeriod, needs, images, client, pathOf } = await open(
        properties,
        signal,
      );
      const { memory } = changeNeeds(NO_MEMORY, needs, now());
      const learn = async (): Promise<Memory> => {
        const found = await lookForVersions(memory, client, pathOf);
        const places = images.map((image) => ({ image, path: pathOf(image) }));
        const unreferenced = await restoreUnreferenced(client, places);
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
      const { client, pathOf } = await open(properties, signal);
      const before = memoryOf(outputs);
      const learn = async (): Promise<Memory> => {
        const stale = await staleVersions(before, client, pathOf);
        const memory = forgetDigests(before, stale, now());
        const found = await lookForVersions(memory, client, pathOf);
        return remember(memory, found, memory, now());
      };
      // The engine may look before the program has logged in; `diff` asks again afterwards.
      const next = await unlessRefused(learn, before);
      // The digests stay as they are: what policies are made of changes by an update only.
      return {
        inputs: properties,
        outputs: { ...outputs, ...propertiesOf(next) },
        refreshBeforeUpdate: isIncomplete(next),
      };
    },

    async update({ oldOutputs, news, preview, log, signal }) {
      const { gracePeriod, needs, client, pathOf } = await open(news, signal);
      const old = memoryOf(oldOutputs);
      // What was needed until now and is known only now must not go without its grace period.
      const before = remember(old, await lookForVersions(old, client, pathOf), old, now());
      const change = changeNeeds(before, needs, now());
      // Before anything is removed: it fails where the registry can't say what is needed now.
      const found = await lookForVersions(change.memory, client, pathOf);
      if (!preview) await retireVersions(change, client, pathOf, { now: now(), log });
      const next = remember(change.memory, found, before, now());
      return outputsOf(news, forget(next, gracePeriod, now()), now());
    },

    mustReadAgain: (outputs) => isIncomplete(memoryOf(outputs)),

    // The memory goes with the stack; what it is about stays, and so do the markers.
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
