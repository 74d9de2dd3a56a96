import type { RegistryClient } from '../../src/registry/registry-client.ts';
import { parseDigest, type Digest } from '../../src/image-reference.ts';
import { RegistryError } from '../../src/registry/registry-error.ts';
import { BUILD_INPUTS, type BuildInputs, changedInputs } from '../../src/tag/build-inputs.ts';
import { isObject, UNKNOWN, type Properties, type ResourceType } from './protocol/resource-type.ts';
import type { Connect } from './connect.ts';
import {
  changedPlace,
  checkPlace,
  knownPlace,
  parsePlace,
  textOf,
  type TaggedPlace,
} from './tagged-place.ts';

/** What the publication takes from the world. */
export interface PublicationWorld {
  readonly connect: Connect;
  readonly now: () => Date;
  /** Eight hexadecimal digits. */
  readonly random: () => string;
}

/** The origin of an image at its first publication; a later value is not a change. */
const PROVENANCE = ['revision', 'pipeline', 'source'] as const;

/**
 * `oci:index:Publication`: whether an immutable tag is published, and so whether to build it or to
 * adopt it. It only reads.
 *
 * The hashes of the build inputs are kept beside the tag. When the tag changes, the difference names the
 * inputs that changed, and so says why an image is built anew.
 *
 * A registry whose `registryId` is unknown is about to be created, and gets no request: registries differ in
 * their responses for a repository that does not exist, and some of them read like a missing permission.
 *
 * Outputs beside the inputs: `published`, `digest` (empty while not published) and `created`, the
 * time of the first publication. Every creation has another id: when a tag vanished from the registry, the
 * publication is created anew, and the image whose `replacementTrigger` is the id is built again.
 */
export function publicationType({ connect, now, random }: PublicationWorld): ResourceType {
  async function look({ registry, repository, tag }: TaggedPlace, signal: AbortSignal) {
    const client = await connect(registry, signal);
    return (await client.headManifest(repository, tag))?.digest;
  }

  /** False only where the registry says that the tag is missing. */
  async function mayBeThere(place: TaggedPlace, signal: AbortSignal): Promise<boolean> {
    try {
      return (await look(place, signal)) !== undefined;
    } catch (error) {
      if (error instanceof RegistryError) return true;
      throw error;
    }
  }

  return {
    check({ olds, news }) {
      const isSame = olds !== undefined && changedPlace(olds, news).length === 0;
      const inputs = isSame ? { ...news, ...provenanceOf(olds) } : news;
      return Promise.resolve({ inputs, failures: checkPlace(news) });
    },

    async diff({ oldInputs, oldOutputs, news, signal }) {
      const replaces = changedPlace(oldInputs, news);
      if (replaces.length === 0) {
        // The engine has read the resource by now, except with PULUMI_RUN_PROGRAM, and in vain without a
        // login. It also requests the difference right after a read that failed: only `update` reports that.
        const isDue = oldOutputs['published'] === false;
        const isThere = isDue && (await mayBeThere(knownPlace(oldInputs), signal));
        return { changed: isThere ? ['published'] : [] };
      }
      const why = changedInputs(buildInputsOf(oldInputs), buildInputsOf(news));
      return { changed: [...replaces, ...why.map((name) => `inputs.${name}`)], replaces };
    },

    async create({ inputs, signal }) {
      const place = parsePlace(inputs);
      const created = `${now().toISOString().slice(0, 'YYYY-MM-DDThh:mm:ss'.length)}Z`;
      if (place === undefined) {
        return { id: '', outputs: { ...inputs, published: UNKNOWN, digest: UNKNOWN, created } };
      }
      if (inputs['registryId'] === UNKNOWN) {
        return { id: '', outputs: { ...inputs, ...stateOf(undefined), created } };
      }
      const { registry, repository, tag } = place;
      const found = await look(place, signal);
      return {
        id: `${registry}/${repository}:${tag}#${random()}`,
        outputs: { ...inputs, ...stateOf(found), created },
        // Only the next run finds out whether the build that follows published it.
        refreshBeforeUpdate: found === undefined,
      };
    },

    async update({ oldOutputs, news, signal }) {
      const found = await look(knownPlace(news), signal);
      return { ...oldOutputs, ...news, ...stateOf(found) };
    },

    async read({ inputs, outputs, signal }) {
      const place = knownPlace(inputs);
      try {
        const found = await look(place, signal);
        if (found === undefined) return undefined;
        const digest = await lastingDigest(
          outputs,
          found,
          place,
          await connect(place.registry, signal),
        );
        return { inputs, outputs: { ...outputs, ...stateOf(digest) }, refreshBeforeUpdate: false };
      } catch (error) {
        // The engine may read before the program has logged in, and at the place of a setting that has been
        // corrected since. No published image is known yet, and `diff` or `create` looks again.
        const isPending = outputs['published'] === false && error instanceof RegistryError;
        if (isPending) return { inputs, outputs, refreshBeforeUpdate: true };
        throw error;
      }
    },

    // Published images stay: branches and open merge requests use them. Retention deletes images.
    delete: () => Promise.resolve(),
  };
}

/**
 * The digest that the tag stands for. An immutable tag that names another digest than before was
 * overwritten: by two pipelines that built the same inputs at once, or by hand. Consumers have pinned
 * the earlier digest, so it counts as long as it can be pulled. Once it cannot, it would break every
 * alias for good, and the new digest counts. An error would stop all of CI for one image; "gone" would
 * push over the tag once more.
 */
async function lastingDigest(
  outputs: Properties,
  found: Digest,
  { repository }: TaggedPlace,
  client: RegistryClient,
): Promise<Digest> {
  const before = parseDigest(textOf(outputs, 'digest'));
  if (before === undefined || before === found) return found;
  return (await client.headManifest(repository, before)) === undefined ? found : before;
}

function buildInputsOf(properties: Properties): BuildInputs {
  const inputs = properties['inputs'];
  if (!isObject(inputs)) return {};
  return Object.fromEntries(BUILD_INPUTS.map((name) => [name, textOf(inputs, name)]));
}

function stateOf(digest: Digest | undefined): Properties {
  return { published: digest !== undefined, digest: digest ?? '' };
}

function provenanceOf(inputs: Properties): Properties {
  return Object.fromEntries(
    PROVENANCE.flatMap((key) => (inputs[key] === undefined ? [] : [[key, inputs[key]]])),
  );
}
