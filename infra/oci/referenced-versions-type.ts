import { isDeepStrictEqual } from 'node:util';
import type { Digest, Registry, Repository } from '../../src/image-reference.ts';
import { parseRepository } from '../../src/image-reference.ts';
import { graceMarker } from '../../src/references/grace-marker.ts';
import {
  changeNeeds,
  forget,
  keptDigests,
  NO_MEMORY,
  remember,
  type Change,
  type Memory,
} from '../../src/references/memory.ts';
import { keyOf } from '../../src/references/version-needs.ts';
import type { RegistryClient } from '../../src/registry/registry-client.ts';
import { isRefusal, RegistryError } from '../../src/registry/registry-error.ts';
import { untag } from '../../src/registry/untag.ts';
import type { Log, ResourceType } from '../plugin/resource-type.ts';
import type { Connect } from './connect.ts';
import { inTurns } from './in-turns.ts';
import { pointTag } from './point-tag.ts';
import {
  inputsOf,
  memoryOf,
  outputsOf,
  propertiesOf,
  type ReferencedInputs,
} from './referenced-state.ts';
import { restoreUnreferenced } from './restore-unreferenced.ts';

/** What the resource takes from the world. */
export interface ReferencedVersionsWorld {
  readonly connect: Connect;
  readonly now: () => Date;
}

/**
 * `oci:index:ReferencedVersions`: which versions the supported branches need, and which they needed until
 * less than the grace period ago. It is declared before the registry, whose clean-up policies keep the
 * `digests` that it answers, and the memory that the grace period needs.
 *
 * When the last reference of a version goes, an update writes a marker tag at it (`graceMarker`), for
 * people and for a state that was lost, and removes the aliases of branches that need it no longer.
 */
export function referencedVersionsType(world: ReferencedVersionsWorld): ResourceType {
  const { connect, now } = world;

  async function look(memory: Memory, inputs: ReferencedInputs, signal: AbortSignal) {
    const unknown = memory.versions.filter(({ digest }) => digest === undefined);
    if (unknown.length === 0) return new Map<string, Digest>();
    const client = await connect(inputs.registry, signal);
    const answers = await inTurns(unknown, async (need) => {
      const path = pathOf(inputs, need.image);
      const found = await client.headManifest(path, need.tag ?? need.alias);
      return found === undefined ? [] : [[keyOf(need), found.digest] as const];
    });
    return new Map(answers.flat());
  }

  /** The engine may look before the program has logged in; `diff` asks again afterwards. */
  async function lookIfAllowed(memory: Memory, inputs: ReferencedInputs, signal: AbortSignal) {
    try {
      return await look(memory, inputs, signal);
    } catch (error) {
      if (isRefusal(error)) return new Map<string, Digest>();
      throw error;
    }
  }

  return {
    async diff({ oldInputs, oldOutputs, news, signal }) {
      const keys = Object.keys(news).filter((key) => !isDeepStrictEqual(oldInputs[key], news[key]));
      const inputs = inputsOf(news);
      const { memory } = changeNeeds(memoryOf(oldOutputs), inputs.needs, now());
      const digests = keptDigests(memory, inputs.gracePeriod, now());
      const isDue = !isDeepStrictEqual(oldOutputs['digests'], digests);
      // A read ahead of the program may have had no login; what is found only now is an update.
      const isLate = keys.length === 0 && (await look(memory, inputs, signal)).size > 0;
      return { changed: [...keys, ...(isDue ? ['digests'] : []), ...(isLate ? ['versions'] : [])] };
    },

    async create({ inputs: properties, signal }) {
      const inputs = inputsOf(properties);
      const { memory } = changeNeeds(NO_MEMORY, inputs.needs, now());
      const found = await look(memory, inputs, signal);
      const client = await connect(inputs.registry, signal);
      const images = inputs.images.map((image) => ({ image, path: pathOf(inputs, image) }));
      const unreferenced = await restoreUnreferenced(client, images);
      const known = { ...remember(memory, found, NO_MEMORY, now()), unreferenced };
      const restored = forget(known, inputs.gracePeriod, now());
      return {
        id: `${inputs.registry}/${inputs.repositoryPrefix}`,
        outputs: outputsOf(properties, restored, now()),
        refreshBeforeUpdate: isIncomplete(restored),
      };
    },

    async read({ inputs: properties, outputs, signal }) {
      const memory = memoryOf(outputs);
      const found = await lookIfAllowed(memory, inputsOf(properties), signal);
      // The digests stay as they are: what policies are made of changes by an update only.
      const next = remember(memory, found, memory, now());
      return {
        inputs: properties,
        outputs: { ...outputs, ...propertiesOf(next) },
        refreshBeforeUpdate: isIncomplete(next),
      };
    },

    async update({ oldOutputs, news, preview, log, signal }) {
      const inputs = inputsOf(news);
      const before = memoryOf(oldOutputs);
      const change = changeNeeds(before, inputs.needs, now());
      // Before anything is removed: it fails where the registry can't say what is needed now.
      const found = await look(change.memory, inputs, signal);
      if (!preview) await settle(change, inputs, log, signal);
      const next = remember(change.memory, found, before, now());
      return outputsOf(news, forget(next, inputs.gracePeriod, now()), now());
    },

    mustReadAgain: (outputs) => isIncomplete(memoryOf(outputs)),

    // The memory goes with the stack; what it is about stays, and so do the markers.
    delete: () => Promise.resolve(),
  };

  async function settle(
    { orphans, dropped }: Change,
    inputs: ReferencedInputs,
    log: Log,
    signal: AbortSignal,
  ): Promise<void> {
    const client = await connect(inputs.registry, signal);
    await inTurns(orphans, async ({ image, digest }) => {
      await mark(client, pathOf(inputs, image), digest, now());
      log('info', `${image}@${digest} is needed no longer: it stays for the grace period`);
    });
    await inTurns(dropped, async ({ image, alias, digest }) => {
      const path = pathOf(inputs, image);
      const named = await client.headManifest(path, alias);
      if (named === undefined || named.digest !== digest) return;
      if ((await untag(client, path, alias)) !== 'unsupported') return;
      log('info', `${path}:${alias} stays: this registry cannot remove a tag without its image`);
    });
  }
}

/** A version that is gone needs no marker. */
async function mark(client: RegistryClient, path: Repository, digest: Digest, at: Date) {
  try {
    await pointTag(client, path, graceMarker(at), digest);
  } catch (error) {
    if (!(error instanceof RegistryError) || error.code !== 'MANIFEST_MISSING') throw error;
  }
}

function isIncomplete({ versions }: Memory): boolean {
  return versions.some(({ digest }) => digest === undefined);
}

function pathOf(
  { repositoryPrefix }: { readonly registry: Registry; readonly repositoryPrefix: string },
  image: string,
): Repository {
  const path = parseRepository(`${repositoryPrefix}/${image}`);
  if (path === undefined) throw new Error(`${image} is no name that an image can have`);
  return path;
}
