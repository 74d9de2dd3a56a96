import { isDeepStrictEqual } from 'node:util';
import { parseDigest, parseTag, type Digest } from '../../src/image-reference.ts';
import {
  composeIndex,
  type IndexAttestation,
  type IndexMember,
} from '../../src/registry/image-index.ts';
import { imageLabels } from '../../src/registry/image-labels.ts';
import type { Manifest } from '../../src/registry/manifest.ts';
import { untag } from '../../src/registry/registry-client.ts';
import { RegistryError } from '../../src/registry/registry-error.ts';
import { INPUTS_LABEL } from '../../src/tag/build-inputs.ts';
import type { Attest } from './attest.ts';
import type { Connect } from './connect.ts';
import {
  listOf,
  object,
  parsed,
  readOptional,
  readProperty,
  recordOf,
  text,
} from './protocol/read-property.ts';
import {
  isObject,
  UNKNOWN,
  type Call,
  type Properties,
  type PropertyValue,
  type ResourceType,
} from './protocol/resource-type.ts';
import {
  isStillSigned,
  signatureIn,
  signerAt,
  type PlaceSigner,
  type Signature,
  type Signing,
} from './signing.ts';
import {
  changedPlace,
  digestOf,
  keepWithoutDigest,
  openTag,
  describeManifest,
  pointTag,
  textOf,
} from './tagged-place.ts';

/**
 * `oci:index:Tag`: an alias, a tag that points at a digest of the same repository and moves with it.
 *
 * With the input `index`, it first publishes an index of images that were built, with their attestations, under the
 * immutable tag of that; the alias goes to it if it `follows`. One resource does both, since the engine spends a step on
 * each.
 *
 * With the input `signers`, the run signs what it publishes, or what the alias goes to, before the alias moves. A
 * signature that it has made stays: one that is gone after a refresh is made again.
 *
 * Without a `digest`, such as after a failed build, an alias that exists stays where it is. An alias that does not
 * exist is not written until a later run has a digest; until then its state has an empty `digest`.
 */
export function tagType(connect: Connect, signing: Signing, attest: Attest): ResourceType {
  /** Publishes, signs and points, and returns the id and the outputs; `olds` are those of the run before. */
  async function point(inputs: Properties, olds: Properties, call: Call) {
    const place = await openTag(connect, inputs, call.signal);
    const signer = signerAt(signing, place, inputs, call.signal);
    const index = readOptional(inputs, 'index', object);
    const published =
      index &&
      (await publish(place, index, signer, (members) =>
        attest(place, members, attestationsIn(index), call),
      ));
    const followed = inputs['follows'] === true ? published : undefined;
    const digest = followed?.digest ?? digestOf(inputs);
    const signature =
      published?.signature ?? (await signer?.sign(published?.digest ?? digestOf(inputs)));
    const { client, repository, tag } = place;
    if (digest !== undefined) await pointTag(client, repository, tag, digest, followed?.manifest);
    const outputs = {
      ...inputs,
      digest: digest ?? textOf(olds, 'digest'),
      published: published?.digest ?? '',
      ...(signature ?? signatureIn(olds)),
    };
    return { id: place.name, outputs };
  }

  return {
    // A run that went to a wrong registry must not give up the right alias.
    check: ({ olds, news }) => ({
      inputs: news['index'] === undefined ? keepWithoutDigest(olds, news) : news,
    }),

    diff({ oldInputs, oldOutputs, news }) {
      const replaces = changedPlace(oldInputs, news);
      const differ = (names: readonly string[]) =>
        names.filter(
          (name) => !isDeepStrictEqual(unattested(oldInputs[name]), unattested(news[name])),
        );
      // A signature stays where nothing is signed any more.
      const signers = news['signers'] === undefined ? [] : differ(['signers']);
      if (news['index'] !== undefined) {
        return { changed: [...replaces, ...differ(['index', 'follows']), ...signers], replaces };
      }
      // After an index, the outputs alone say what the alias names.
      const before = 'index' in oldInputs ? oldOutputs['digest'] : oldInputs['digest'];
      const moved = before === news['digest'] ? [] : ['digest'];
      return { changed: [...replaces, ...moved, ...signers], replaces };
    },

    async create({ inputs, preview, ...call }) {
      return preview ? { id: '', outputs: planned(inputs, {}) } : point(inputs, {}, call);
    },

    async read({ inputs, outputs, signal }) {
      const place = await openTag(connect, inputs, signal);
      // The next run compares these inputs with the program's, and so signs again what has lost its signature.
      const isSigned = await isStillSigned(signing, place, outputs);
      const left = isSigned ? inputs : withoutSigners(inputs);
      // An alias that this stack never pointed does not belong to it, whatever it names.
      if (digestOf(outputs) === undefined) return { inputs: left, outputs };
      const digest = await place.digestAt(place.tag);
      // In the inputs too: the next run moves the alias back.
      return digest && { inputs: { ...left, digest }, outputs: { ...outputs, digest } };
    },

    async update({ oldOutputs, news, preview, ...call }) {
      if (preview) return planned(news, oldOutputs);
      return (await point(news, oldOutputs, call)).outputs;
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

function withoutSigners(inputs: Properties): Properties {
  return Object.fromEntries(Object.entries(inputs).filter(([name]) => name !== 'signers'));
}

/** An index without its attestations: one that is there is not published again for a statement about its run. */
function unattested(index: PropertyValue | undefined) {
  return isObject(index) ? { ...index, attestations: null } : index;
}

function attestationsIn(index: Properties) {
  return readOptional(index, 'attestations', recordOf(object)) ?? {};
}

/** The outputs before anything is written. */
function planned(inputs: Properties, olds: Properties): Properties {
  const before = { ...inputs, ...signatureIn(olds) };
  if (inputs['index'] === undefined) return { ...before, published: '' };
  const digest = inputs['follows'] === false ? textOf(olds, 'digest') : UNKNOWN;
  return { ...before, digest, published: UNKNOWN };
}

type Place = Awaited<ReturnType<typeof openTag>>;

/** A publication, with its bytes where this run has written them. */
interface Published {
  readonly digest: Digest;
  readonly manifest?: Manifest;
  readonly signature?: Signature | undefined;
}

/**
 * Puts an index under its immutable tag. What another run has published there meanwhile, by its label, is the
 * publication: an immutable tag does not move. A signature is there before the tag, so that a run that ends in between
 * leaves nothing unsigned under it. Throws a RegistryError or a SigningError.
 */
async function publish(
  { client, repository, wholeAt }: Place,
  index: Properties,
  signer: PlaceSigner | undefined,
  attest: (members: readonly IndexMember[]) => ReturnType<Attest>,
): Promise<Published> {
  const tag = readProperty(index, 'tag', parsed(parseTag));
  const found = await wholeAt(tag);
  if (found !== undefined) {
    const labels = await imageLabels(client, repository, found);
    if (labels[INPUTS_LABEL] === tag) {
      await signer?.expectSigned(found);
      return { digest: found };
    }
    throw new RegistryError(
      'TAG_NOT_OURS',
      `${repository}:${tag} came to be there during this run, and names ${found}, whose labels do not say that it was built from these inputs`,
      `delete ${found}, and run again`,
    );
  }
  const describe = async (digest: Digest, what: string) => {
    const descriptor = await describeManifest(client, repository, digest);
    if (descriptor !== undefined) return descriptor;
    throw new RegistryError(
      'MANIFEST_MISSING',
      `${repository}@${digest}, ${what}, is not in the registry`,
      'run `pulumi up --refresh`, which publishes again what vanished',
    );
  };
  const digests = Object.entries(readProperty(index, 'members', recordOf(parsed(parseDigest))));
  const members = await Promise.all(
    digests.map(async ([platform, digest]) => {
      return { platform, descriptor: await describe(digest, `the image for ${platform}`) };
    }),
  );
  const attested = readOptional(index, 'attested', recordOf(listOf(parsed(parseDigest)))) ?? {};
  const byOthers = await Promise.all(
    members.flatMap((image) =>
      (attested[image.platform] ?? []).map(async (digest): Promise<IndexAttestation> => {
        return { image, descriptor: await describe(digest, 'an attestation') };
      }),
    ),
  );
  const annotations = readProperty(index, 'annotations', recordOf(text));
  // Readers take the first of a kind: this project's own, which says who published the image here.
  const manifest = composeIndex(members, annotations, [...(await attest(members)), ...byOthers]);
  const { digest } = manifest;
  if (signer !== undefined) await client.putManifest(repository, digest, manifest);
  const signature = await signer?.sign(digest);
  await client.putManifest(repository, tag, manifest);
  return { digest, manifest, signature };
}
