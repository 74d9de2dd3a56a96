import type { Digest } from '../../src/image-reference.ts';
import { RegistryError } from '../../src/registry/registry-error.ts';
import { BUILD_INPUTS, type BuildInputs, changedInputs } from '../../src/tag/build-inputs.ts';
import type { Connect } from './connect.ts';
import { isObject, UNKNOWN, type Properties, type ResourceType } from './protocol/resource-type.ts';
import { changedPlace, digestOf, openTag, textOf } from './tagged-place.ts';

/** What the publication takes from the world. */
interface PublicationWorld {
  readonly connect: Connect;
  readonly now: () => Date;
  /** Eight hexadecimal digits. */
  readonly random: () => string;
}

/** The origin of an image at its first publication; a later value is not a change. */
const PROVENANCE: readonly string[] = ['revision', 'pipeline', 'source'];

/**
 * `oci:index:Publication`: whether an immutable tag is published, and so whether to build it or to adopt it.
 * It only reads: published images stay when it is deleted.
 *
 * When the tag changes, the difference names the build inputs that changed, by their hashes in the state.
 *
 * A registry whose `registryId` is unknown is about to be created, and gets no request: for a repository that
 * does not exist, some registries respond as for a missing permission.
 *
 * Outputs beside the inputs: `published`, `digest` (empty while not published) and `created`, the time of the
 * first publication. Every creation has another id: when a tag vanished from the registry, the publication is
 * created anew, and the image whose `replacementTrigger` is the id is built again.
 */
export function publicationType({ connect, now, random }: PublicationWorld): ResourceType {
  async function look(properties: Properties, signal: AbortSignal) {
    const { tag, digestAt } = await openTag(connect, properties, signal);
    return digestAt(tag);
  }

  /** False only where the registry says that the tag is missing. */
  async function mayBeThere(properties: Properties, signal: AbortSignal): Promise<boolean> {
    try {
      return (await look(properties, signal)) !== undefined;
    } catch (error) {
      if (error instanceof RegistryError) return true;
      throw error;
    }
  }

  /**
   * The digest that the tag stands for. A tag that names another digest than before was overwritten: by two
   * pipelines that built the same inputs at once, or by hand. Consumers have pinned the earlier digest, which
   * therefore counts as long as it can be pulled. An error would stop all of CI for one image; "gone" would
   * push over the tag once more.
   */
  async function lastingDigest(inputs: Properties, outputs: Properties, signal: AbortSignal) {
    const { tag, digestAt } = await openTag(connect, inputs, signal);
    const found = await digestAt(tag);
    const before = digestOf(outputs);
    if (found === undefined || before === undefined || before === found) return found;
    return (await digestAt(before)) ?? found;
  }

  return {
    check({ olds, news }) {
      if (olds === undefined || changedPlace(olds, news).length > 0) return { inputs: news };
      const first = Object.entries(olds).filter(([name]) => PROVENANCE.includes(name));
      return { inputs: { ...news, ...Object.fromEntries(first) } };
    },

    async diff({ oldInputs, oldOutputs, news, signal }) {
      const replaces = changedPlace(oldInputs, news);
      if (replaces.length === 0) {
        // The engine has read the resource by now, except with PULUMI_RUN_PROGRAM, and in vain without a
        // login. It also requests the difference right after a read that failed: only `update` reports that.
        const isThere = isPending(oldOutputs) && (await mayBeThere(oldInputs, signal));
        return { changed: isThere ? ['published'] : [] };
      }
      const why = changedInputs(buildInputsOf(oldInputs), buildInputsOf(news));
      return { changed: [...replaces, ...why.map((name) => `inputs.${name}`)], replaces };
    },

    async create({ inputs, signal }) {
      const created = `${now().toISOString().slice(0, 'YYYY-MM-DDThh:mm:ss'.length)}Z`;
      const { tag, name, digestAt } = await openTag(connect, inputs, signal);
      const found = inputs['registryId'] === UNKNOWN ? undefined : await digestAt(tag);
      return { id: `${name}#${random()}`, outputs: { ...inputs, ...stateOf(found), created } };
    },

    async update({ oldOutputs, news, signal }) {
      return { ...oldOutputs, ...news, ...stateOf(await look(news, signal)) };
    },

    async read({ inputs, outputs, signal }) {
      try {
        const digest = await lastingDigest(inputs, outputs, signal);
        return digest && { inputs, outputs: { ...outputs, ...stateOf(digest) } };
      } catch (error) {
        // The engine may read before the program has logged in, and at the place of a setting that has been
        // corrected since. No published image is known yet, and `diff` or `create` looks again.
        if (isPending(outputs) && error instanceof RegistryError) return { inputs, outputs };
        throw error;
      }
    },

    // Only the next run finds out whether the build that follows published the tag.
    refreshBeforeUpdate: isPending,
  };
}

function isPending(outputs: Properties): boolean {
  return outputs['published'] === false;
}

function stateOf(digest: Digest | undefined): Properties {
  return { published: digest !== undefined, digest: digest ?? '' };
}

function buildInputsOf({ inputs }: Properties): BuildInputs {
  if (!isObject(inputs)) return {};
  return Object.fromEntries(BUILD_INPUTS.map((name) => [name, textOf(inputs, name)]));
}
