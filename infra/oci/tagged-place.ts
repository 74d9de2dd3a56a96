import {
  parseDigest,
  parseRegistry,
  parseRepository,
  parseTag,
  type Digest,
  type Repository,
  type Tag,
} from '../../src/image-reference.ts';
import { imageLabels } from '../../src/registry/image-labels.ts';
import { findWhole } from '../../src/registry/image-index.ts';
import type { Manifest, ManifestDescriptor } from '../../src/registry/manifest.ts';
import { findManifest, type RegistryClient } from '../../src/registry/registry-client.ts';
import { RegistryError } from '../../src/registry/registry-error.ts';
import { INPUTS_LABEL } from '../../src/tag/build-inputs.ts';
import type { Connect } from './connect.ts';
import { parsed, readProperty } from './protocol/read-property.ts';
import type { Properties } from './protocol/resource-type.ts';

/** The repository of a resource, with a client for its registry. Throws a StateError for a damaged state. */
export async function openRepository(
  connect: Connect,
  properties: Properties,
  signal: AbortSignal,
) {
  const registry = readProperty(properties, 'registry', parsed(parseRegistry));
  const repository = readProperty(properties, 'repository', parsed(parseRepository));
  const client = await connect(registry, signal);
  const digestAt = (reference: Tag | Digest) => findDigest(client, repository, reference);
  /** Leaves out an index without one of its images. */
  const wholeAt = async (reference: Tag | Digest) =>
    (await findWhole(client, repository, reference))?.digest;
  return { registry, repository, client, digestAt, wholeAt };
}

/** The digest that a reference names, as `findManifest` looks it up. */
export async function findDigest(
  client: Pick<RegistryClient, 'headManifest' | 'getManifest'>,
  repository: Repository,
  reference: Tag | Digest,
): Promise<Digest | undefined> {
  return (await findManifest(client, repository, reference))?.digest;
}

/** The descriptor of a manifest. Some registries answer every HEAD with 404. */
export async function describeManifest(
  client: Pick<RegistryClient, 'headManifest' | 'getManifest'>,
  repository: Repository,
  digest: Digest,
): Promise<ManifestDescriptor | undefined> {
  const found = await client.headManifest(repository, digest);
  if (found !== undefined) return found;
  const manifest = await client.getManifest(repository, digest);
  if (manifest === undefined) return undefined;
  const { mediaType, bytes } = manifest;
  return { digest, mediaType, size: bytes.byteLength };
}

/**
 * Whether an immutable tag names an image that was built for it, by its label, and `known`, which it named before, was
 * not, or can't be pulled any more.
 */
export async function isBuiltInstead(
  client: RegistryClient,
  repository: Repository,
  tag: Tag,
  { known, found }: { readonly known: Digest; readonly found: Digest | undefined },
): Promise<boolean> {
  const isFor = async (digest: Digest) =>
    (await findWhole(client, repository, digest)) !== undefined &&
    (await imageLabels(client, repository, digest))[INPUTS_LABEL] === tag;
  // One response may be false.
  const isKnownFor = async () => (await isFor(known)) || (await isFor(known));
  return found !== undefined && (await isFor(found)) && !(await isKnownFor());
}

/** Like `openRepository`, for a resource that is a tag: also the tag, and its full name. */
export async function openTag(connect: Connect, properties: Properties, signal: AbortSignal) {
  const tag = readProperty(properties, 'tag', parsed(parseTag));
  const opened = await openRepository(connect, properties, signal);
  return { ...opened, tag, name: `${opened.registry}/${opened.repository}:${tag}` };
}

/** The properties that differ of those whose change replaces the resource. */
export function changedPlace(olds: Properties, news: Properties): string[] {
  return ['registry', 'repository', 'tag'].filter((part) => olds[part] !== news[part]);
}

/** A property that is a text; empty when it is absent or unknown. */
export function textOf(properties: Properties, property: string): string {
  const value = properties[property];
  return typeof value === 'string' ? value : '';
}

/** The digest of a resource; `undefined` while it is empty, absent or unknown. */
export function digestOf(properties: Properties): Digest | undefined {
  return parseDigest(textOf(properties, 'digest'));
}

/** Without a digest, such as after a failed build, the inputs of the last run stay, the place included. */
export function keepWithoutDigest(olds: Properties | undefined, news: Properties): Properties {
  const { digest = '' } = news;
  return olds !== undefined && digest === '' ? olds : { ...news, digest };
}

/**
 * Makes a tag name a digest of the same repository, by writing the very bytes of its manifest under
 * the tag: no layer moves, no Docker daemon is needed, and the digest cannot come out different.
 * `known` is the manifest, where the caller has it. Writes nothing when the tag is there already. Throws
 * `MANIFEST_MISSING` or `TAG_NOT_MOVED`.
 */
export async function pointTag(
  client: RegistryClient,
  repository: Repository,
  tag: Tag,
  digest: Digest,
  known?: Manifest,
): Promise<void> {
  if ((await findDigest(client, repository, tag)) === digest) return;
  const manifest = known ?? (await client.getManifest(repository, digest));
  if (manifest === undefined) {
    throw new RegistryError(
      'MANIFEST_MISSING',
      `${repository}@${digest} is not in the registry, so ${tag} cannot point at it`,
      'run `pulumi up --refresh`, which builds again what vanished',
    );
  }
  await client.putManifest(repository, tag, manifest);
  const after = await findDigest(client, repository, tag);
  if (after === digest) return;
  throw new RegistryError(
    'TAG_NOT_MOVED',
    `${repository}:${tag} was written as ${digest} and reads back as ${after ?? 'nothing'}`,
    'make sure that nothing else moves this tag, and run again',
  );
}

/** What to do about an image that is not adopted. */
export function waysOut(repository: Repository, found: Digest): string {
  const image = repository.split('/').at(-1);
  return (
    `delete ${found}, so that the next run builds the image; or, if it is the right one, ` +
    `accept it in the catalog, below ${image}: \`adopt: ${found}\``
  );
}
