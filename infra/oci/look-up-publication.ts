import {
  formatImageReference,
  parseDigest,
  parseImageReference,
  parseTag,
  type Digest,
  type Tag,
} from '../../src/image-reference.ts';
import { manifestPlatforms } from '../../src/registry/manifest.ts';
import { offersPlatform } from '../../src/platforms.ts';
import { findWhole, isStillWhole } from '../../src/registry/image-index.ts';
import { imageLabels } from '../../src/registry/image-labels.ts';
import { RegistryError } from '../../src/registry/registry-error.ts';
import { INPUTS_LABEL } from '../../src/tag/build-inputs.ts';
import type { Connect } from './connect.ts';
import { parsed, readOptional, recordOf } from './protocol/read-property.ts';
import type { Properties } from './protocol/resource-type.ts';
import { expectSigned, signersOf, type Signing } from './signing.ts';
import { textOf, waysOut, type openTag } from './tagged-place.ts';

export type Place = Awaited<ReturnType<typeof openTag>>;

interface Found {
  readonly published: boolean;
  readonly digest: string;
  /** Platform → digest. */
  readonly members: Readonly<Record<string, Digest>>;
  /** Platform → the digests of attestations that come with a copy, until it is published. */
  readonly attested: Readonly<Record<string, readonly Digest[]>>;
}

export const NOTHING: Found = { published: false, digest: '', members: {}, attested: {} };

/**
 * Throws where the base has not all platforms: a build would fail after minutes, and not in a preview. Where the base
 * can't be read, the build says so.
 */
export async function checkBase(connect: Connect, inputs: Properties, signal: AbortSignal) {
  const base = parseImageReference(textOf(inputs, 'base'));
  if (base?.digest === undefined) return;
  const { registry, repository, digest } = base;
  let offered: readonly string[];
  try {
    const client = await connect(registry, signal, 'reads');
    const manifest = await client.getManifest(repository, digest);
    if (manifest === undefined) return;
    offered = await manifestPlatforms(manifest, repository, client);
  } catch (error) {
    if (error instanceof RegistryError) return;
    throw error;
  }
  const lacking = Object.keys(platformTags(inputs)).filter(
    (platform) => !offersPlatform(offered, platform),
  );
  if (lacking.length === 0) return;
  throw new RegistryError(
    'PLATFORM_MISSING',
    `the base ${formatImageReference(base)} has no image for ${lacking.join(', ')} (only: ${offered.join(', ') || 'none'})`,
    'pin an index that has all platforms of the image, or leave the platform out of its `platforms`',
  );
}

export function platformTags(inputs: Properties): Readonly<Record<string, Tag>> {
  return readOptional(inputs, 'platforms', recordOf(parsed(parseTag))) ?? {};
}

/** Whether the tag names what it named before, all of whose images are there. */
export function isSettled(
  { client, repository, tag }: Place,
  digest: Digest,
  outputs: Properties,
): Promise<boolean> {
  const members = readOptional(outputs, 'members', recordOf(parsed(parseDigest)));
  return isStillWhole(client, repository, tag, { digest, members });
}

/**
 * What is there of a publication. `outputs` are those of its run before. Throws as `checkLabels` and `expectSigned` do.
 *
 * Where only signed images are adopted, the images of platforms are none of them: what is signed is the index. Those of
 * a copy are found by the digests that its source names.
 */
export async function lookUp(
  place: Place,
  signing: Signing,
  inputs: Properties,
  outputs?: Properties,
): Promise<Found> {
  const { client, repository, tag } = place;
  const platforms = platformTags(inputs);
  const signers = signersOf(inputs);
  const found = await findWhole(client, repository, tag);
  if (found === undefined) {
    if (signers !== undefined || textOf(inputs, 'from') !== '') return NOTHING;
    const members = await findMembers(place, Object.entries(platforms));
    return { ...NOTHING, members };
  }
  const { digest, annotations } = found;
  if (signers !== undefined && inputs['adopt'] !== digest) {
    await expectSigned(signing, place, digest, signers);
  }
  // The annotations of an index of this project say all that the labels of its images do.
  if (annotations?.[INPUTS_LABEL] !== tag) {
    await checkLabels(place, digest, inputs, outputs);
    checkPlatforms(place, found, Object.keys(platforms));
  }
  const members =
    found.members ?? Object.fromEntries(Object.keys(platforms).map((p) => [p, digest]));
  return { ...NOTHING, published: true, digest, members };
}

/**
 * The images of platforms that were built from their inputs, by their labels: under their own tags, or, since earlier
 * versions of this program published the image of one platform without an index, under the tag of its inputs.
 */
async function findMembers(
  { client, repository, tag: own }: Place,
  platforms: readonly (readonly [platform: string, tag: Tag])[],
): Promise<Readonly<Record<string, Digest>>> {
  const members = await Promise.all(
    platforms.map(async ([platform, tag]) => {
      const inputs = parseTag(tag.slice(0, tag.indexOf('-')));
      // The image's own tag names no image, or it would not be looked for by platform.
      const references = inputs === undefined || inputs === own ? [tag] : [tag, inputs];
      for (const reference of references) {
        const found = await findWhole(client, repository, reference);
        if (found === undefined || found.members !== undefined) continue;
        const labels = await imageLabels(client, repository, found.digest);
        if (labels[INPUTS_LABEL] === inputs) return [[platform, found.digest] as const];
      }
      return [];
    }),
  );
  return Object.fromEntries(members.flat());
}

/**
 * Throws for an image that was not built for its tag, as far as its labels say, and that the catalog does not
 * accept. The build that follows a publication in the state has its time as a label: images from before
 * the label of inputs are known by that.
 */
async function checkLabels(
  { client, repository, tag, name }: Place,
  found: Digest,
  { adopt }: Properties,
  { created }: Properties = {},
) {
  if (adopt === found) return;
  const labels = await imageLabels(client, repository, found);
  const time = labels['org.opencontainers.image.created'];
  if (labels[INPUTS_LABEL] === tag || (time !== undefined && time === created)) return;
  const shown = [INPUTS_LABEL, 'created', 'revision'].flatMap((label) => {
    const value = labels[label] ?? labels[`org.opencontainers.image.${label}`];
    return value ? `${label} ${value}` : [];
  });
  throw new RegistryError(
    'TAG_NOT_OURS',
    `${name} is there already, and its labels do not say that it was built from these inputs: ` +
      `it names ${found} (${shown.join(', ') || 'no labels of a publication'})`,
    waysOut(repository, found),
  );
}

/** Throws for what is there in place of a publication, and lacks a platform of the image. */
function checkPlatforms(
  { name }: Place,
  { digest, members = {} }: { readonly digest: Digest; readonly members?: Found['members'] },
  platforms: readonly string[],
): void {
  const offered = Object.keys(members);
  // An image of its own does not say its platform here.
  if (offered.length === 0 && platforms.length === 1) return;
  const lacking = platforms.filter((platform) => !offersPlatform(offered, platform));
  if (lacking.length === 0) return;
  throw new RegistryError(
    'PLATFORM_MISSING',
    `${name} names ${digest}, which is no index that has an image for ${lacking.join(', ')}`,
    `delete ${digest}, and an \`adopt\` that accepts it, so that the next run builds the image`,
  );
}
