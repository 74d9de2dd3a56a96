import { isDeepStrictEqual } from 'node:util';
import { parseDigest, parseTag, type Digest, type Repository } from '../../src/image-reference.ts';
import { composeIndex } from '../../src/registry/image-index.ts';
import { imageLabels } from '../../src/registry/image-labels.ts';
import type { Manifest } from '../../src/registry/manifest.ts';
import { type RegistryClient, untag } from '../../src/registry/registry-client.ts';
import { RegistryError } from '../../src/registry/registry-error.ts';
import { INPUTS_LABEL } from '../../src/tag/build-inputs.ts';
import type { Connect } from './connect.ts';
import {
  object,
  parsed,
  readOptional,
  readProperty,
  recordOf,
  text,
} from './protocol/read-property.ts';
import { UNKNOWN, type Properties, type ResourceType } from './protocol/resource-type.ts';
import {
  changedPlace,
  digestOf,
  keepWithoutDigest,
  openTag,
  pointTag,
  textOf,
} from './tagged-place.ts';

/**
 * `oci:index:Tag`: an alias, a tag that points at a digest of the same repository and moves with it.
 *
 * With the input `index`, it first publishes an index of images that were built, under the immutable tag of that; the
 * alias goes to it if it `follows`. One resource does both, since the engine spends a step on each.
 *
 * Without a `digest`, such as after a failed build, an alias that exists stays where it is. An alias that does not
 * exist is not written until a later run has a digest; until then its state has an empty `digest`.
 */
export function tagType(connect: Connect): ResourceType {
  /** Publishes and points, and returns the id and the outputs; `before` is what the alias names. */
  async function point(inputs: Properties, before: string, signal: AbortSignal) {
    const place = await openTag(connect, inputs, signal);
    const index = readOptional(inputs, 'index', object);
    const published = index && (await publish(place, index));
    const followed = inputs['follows'] === true ? published : undefined;
    const digest = followed?.digest ?? digestOf(inputs);
    const { client, repository, tag } = place;
    if (digest !== undefined) await pointTag(client, repository, tag, digest, followed?.manifest);
    const outputs = { ...inputs, digest: digest ?? before, published: published?.digest ?? '' };
    return { id: place.name, outputs };
  }

  return {
    // A run that went to a wrong registry must not give up the right alias.
    check: ({ olds, news }) => ({
      inputs: news['index'] === undefined ? keepWithoutDigest(olds, news) : news,
    }),

    diff({ oldInputs, oldOutputs, news }) {
      const replaces = changedPlace(oldInputs, news);
      if (news['index'] !== undefined) {
        const changed = ['index', 'follows'].filter(
          (name) => !isDeepStrictEqual(oldInputs[name], news[name]),
        );
        return { changed: [...replaces, ...changed], replaces };
      }
      // After an index, the outputs alone say what the alias names.
      const before = 'index' in oldInputs ? oldOutputs['digest'] : oldInputs['digest'];
      const moved = before === news['digest'] ? [] : ['digest'];
      return { changed: [...replaces, ...moved], replaces };
    },

    async create({ inputs, preview, signal }) {
      return preview ? { id: '', outputs: planned(inputs, '') } : point(inputs, '', signal);
    },

    async read({ inputs, outputs, signal }) {
      // An alias that this stack never pointed does not belong to it, whatever it names.
      if (digestOf(outputs) === undefined) return { inputs, outputs };
      const { tag, digestAt } = await openTag(connect, inputs, signal);
      const digest = await digestAt(tag);
      // In the inputs too: the next run compares them with the program's, and so moves the alias back.
      return digest && { inputs: { ...inputs, digest }, outputs: { ...outputs, digest } };
    },

    async update({ oldOutputs, news, preview, signal }) {
      const before = textOf(oldOutputs, 'digest');
      if (preview) return planned(news, before);
      return (await point(news, before, signal)).outputs;
    },

    /** Removes the alias where it still points at the digest, and the registry can delete anything. */
    async delete({ outputs, log, signal }) {
      const digest = digestOf(outputs);
      if (digest === undefined) return;
      const { client, repository, tag, name, digestAt } = await openTag(connect, outputs, signal);
      const found = await digestAt(tag);
      if (found === undefined) return;
      if (found !== digest) {
        log('info', `${name} points at ${found} now, not at ${digest}: it is left as it is`);
      } else if ((await untag(client, repository, tag)) === 'unsupported') {
        log('info', `${name} stays: this registry deletes nothing`);
      }
    },
  };
}

/** The outputs before anything is written. */
function planned(inputs: Properties, before: string): Properties {
  if (inputs['index'] === undefined) return { ...inputs, published: '' };
  return { ...inputs, digest: inputs['follows'] === false ? before : UNKNOWN, published: UNKNOWN };
}

type Place = Awaited<ReturnType<typeof openTag>>;

/** Some registries answer every HEAD with 404. */
async function describe(client: RegistryClient, repository: Repository, digest: Digest) {
  const found = await client.headManifest(repository, digest);
  if (found !== undefined) return found;
  const manifest = await client.getManifest(repository, digest);
  return manifest && { ...manifest, size: manifest.bytes.byteLength };
}

/** A publication, with its bytes where this run has written them. */
interface Published {
  readonly digest: Digest;
  readonly manifest?: Manifest;
}

/**
 * Puts an index under its immutable tag. What another run has published there meanwhile, by its label, is the
 * publication: an immutable tag does not move. Throws a RegistryError.
 */
async function publish(
  { client, repository, wholeAt }: Place,
  index: Properties,
): Promise<Published> {
  const tag = readProperty(index, 'tag', parsed(parseTag));
  const found = await wholeAt(tag);
  if (found !== undefined) {
    const labels = await imageLabels(client, repository, found);
    if (labels[INPUTS_LABEL] === tag) return { digest: found };
    throw new RegistryError(
      'TAG_NOT_OURS',
      `${repository}:${tag} came to be there during this run, and names ${found}, whose labels do not say that it was built from these inputs`,
      `delete ${found}, and run again`,
    );
  }
  const digests = Object.entries(readProperty(index, 'members', recordOf(parsed(parseDigest))));
  const members = await Promise.all(
    digests.map(async ([platform, digest]) => {
      const descriptor = await describe(client, repository, digest);
      if (descriptor !== undefined) return { platform, descriptor };
      throw new RegistryError(
        'MANIFEST_MISSING',
        `${repository}@${digest}, the image for ${platform}, is not in the registry`,
        'run `pulumi up --refresh`, which builds again what vanished',
      );
    }),
  );
  const annotations = readProperty(index, 'annotations', recordOf(text));
  const manifest = composeIndex(members, annotations);
  await client.putManifest(repository, tag, manifest);
  return { digest: manifest.digest, manifest };
}
