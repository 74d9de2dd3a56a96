import { z } from 'zod';
import { byKey } from '../compare-texts.ts';
import { parseDigest, type Digest, type Repository, type Tag } from '../image-reference.ts';
import { parseJson } from '../json.ts';
import {
  digestOf,
  OCI_INDEX,
  OCI_MANIFEST,
  type Manifest,
  type ManifestDescriptor,
} from './manifest.ts';
import { ReferrerList, type Referrer } from './referrers.ts';
import { findManifest, type RegistryClient } from './registry-client.ts';
import { RegistryError } from './registry-error.ts';

/** The configuration of an artifact that has none (OCI image spec, "Guidance for an Empty Descriptor"). */
const EMPTY = { mediaType: 'application/vnd.oci.empty.v1+json', bytes: Buffer.from('{}') };

type Annotations = Readonly<Record<string, string>>;

/** Content that belongs to a manifest: its subject. */
export interface Artifact {
  readonly artifactType: string;
  readonly layers: readonly {
    readonly mediaType: string;
    readonly bytes: Uint8Array;
    readonly annotations?: Annotations;
  }[];
  readonly annotations: Annotations;
}

/** The tag that stands for the referrers of a manifest, where the registry lists none ("Referrers Tag Schema"). */
export function referrersTag(subject: Digest): Tag {
  return subject.replace(':', '-') as Tag;
}

type Client = Pick<
  RegistryClient,
  'headManifest' | 'getManifest' | 'putManifest' | 'putBlob' | 'putReferrer' | 'listReferrers'
>;

/** What refers to a manifest, by the registry's list or by the tag in its place. */
export async function findReferrers(
  client: Pick<Client, 'getManifest' | 'listReferrers'>,
  repository: Repository,
  subject: Digest,
): Promise<readonly Referrer[]> {
  const list = await client.listReferrers(repository, subject);
  const listed = list ?? [];
  // Also where the registry has a list: it may be younger than what others have pushed.
  const tagged = await readTagged(client, repository, subject).then(
    (found) => found?.referrers ?? [],
    (error: unknown) => {
      const isNone = error instanceof RegistryError && error.code === 'REGISTRY_ANSWER';
      if (list === undefined || !isNone) throw error;
      return [];
    },
  );
  const digests = new Set(listed.map(({ digest }) => digest));
  return [...listed, ...tagged.filter(({ digest }) => !digests.has(digest))];
}

async function readTagged(
  client: Pick<Client, 'getManifest'>,
  repository: Repository,
  subject: Digest,
) {
  const tag = referrersTag(subject);
  const manifest = await client.getManifest(repository, tag);
  // GitLab's registry takes the tag for the digest itself.
  if (manifest === undefined || manifest.digest === subject) return undefined;
  const content = parseJson(manifest.bytes);
  const referrers = ReferrerList.safeParse(content).data;
  if (referrers !== undefined) return { content: content as object, referrers };
  throw new RegistryError(
    'REGISTRY_ANSWER',
    `${repository}:${tag}, which lists what refers to ${subject}, is no index`,
    'delete this tag, and run again',
  );
}

/** The manifest of an artifact; the same content gives the same bytes. Its blobs are those of `layers`, and `{}`. */
export function artifactManifest(
  { artifactType, layers, annotations }: Artifact,
  { mediaType, digest, size }: ManifestDescriptor,
): Manifest {
  const described = layers.map((layer) => ({
    mediaType: layer.mediaType,
    digest: digestOf(layer.bytes),
    size: layer.bytes.byteLength,
    annotations: layer.annotations,
  }));
  const { bytes: empty, mediaType: emptyType } = EMPTY;
  const config = { mediaType: emptyType, digest: digestOf(empty), size: empty.byteLength };
  const manifest = {
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    artifactType,
    config: { ...config, data: empty.toString('base64') },
    layers: described,
    subject: { mediaType, digest, size },
    annotations: sorted(annotations),
  };
  const bytes = Buffer.from(JSON.stringify(manifest));
  return { mediaType: OCI_MANIFEST, bytes, digest: digestOf(bytes) };
}

function sorted(annotations: Annotations): Annotations | undefined {
  const entries = Object.entries(annotations).toSorted(byKey);
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

/** Uploads an artifact: its blobs, then its manifest. Whether the registry lists it among the referrers by itself. */
export async function pushArtifact(
  client: Pick<Client, 'putBlob' | 'putReferrer'>,
  repository: Repository,
  artifact: Artifact,
  manifest: Manifest,
): Promise<boolean> {
  const blobs = [...artifact.layers.map(({ bytes }) => bytes), EMPTY.bytes];
  await Promise.all(blobs.map((bytes) => client.putBlob(repository, bytes)));
  return client.putReferrer(repository, manifest);
}

const Named = z.object({ digest: z.string().transform(parseDigest) });

/** Leaves out of a list the manifests that the registry says it does not have. */
async function withoutMissing(
  client: Pick<Client, 'headManifest' | 'getManifest'>,
  repository: Repository,
  entries: readonly unknown[],
): Promise<readonly unknown[]> {
  const present = entries.map(async (entry) => {
    const { digest } = Named.safeParse(entry).data ?? {};
    const isMissing =
      digest !== undefined && (await findManifest(client, repository, digest)) === undefined;
    return isMissing ? [] : [entry];
  });
  return (await Promise.all(present)).flat();
}

/** Writers that add to the same list at the same time. */
const MOST_TRIES = 5;

/**
 * Uploads an artifact, so that whoever asks for the referrers of its subject finds it: where the registry does not list
 * it by itself, by the tag in place of that list. Returns its digest. Throws a RegistryError.
 */
export async function attach(
  client: Client,
  repository: Repository,
  subject: ManifestDescriptor,
  artifact: Artifact,
): Promise<Digest> {
  const manifest = artifactManifest(artifact, subject);
  const { digest, mediaType, bytes } = manifest;
  if (await pushArtifact(client, repository, artifact, manifest)) return digest;
  const { artifactType, annotations } = artifact;
  const entry = { mediaType, digest, size: bytes.byteLength, artifactType, annotations };
  await addReferrer(client, repository, subject.digest, entry);
  return digest;
}

/** Adds an artifact to the tag in place of the list of what refers to `subject`, unless it is there. */
export async function addReferrer(
  client: Pick<Client, 'headManifest' | 'getManifest' | 'putManifest'>,
  repository: Repository,
  subject: Digest,
  entry: Referrer,
): Promise<void> {
  const tag = referrersTag(subject);
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    const found = await readTagged(client, repository, subject);
    if (found?.referrers.some(({ digest }) => digest === entry.digest) === true) return;
    const { manifests } = (found?.content ?? {}) as { manifests?: readonly unknown[] | null };
    const write = (others: readonly unknown[]) => {
      const list = { schemaVersion: 2, mediaType: OCI_INDEX, ...found?.content };
      const index = { ...list, manifests: [...others, entry] };
      const written = { mediaType: OCI_INDEX, bytes: Buffer.from(JSON.stringify(index)) };
      return client.putManifest(repository, tag, written);
    };
    await write(manifests ?? []).catch(async (error: unknown) => {
      // Some registries take no list that names what somebody has deleted.
      const left = await withoutMissing(client, repository, manifests ?? []);
      if (left.length === manifests?.length) throw error;
      return write(left);
    });
  }
  throw new RegistryError(
    'TAG_NOT_MOVED',
    `${repository}:${tag}, which lists what refers to ${subject}, was written and does not have the new entry`,
    'make sure that nothing else writes this tag, and run again',
  );
}
