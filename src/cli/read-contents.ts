import type { Provenance } from '../attestations/provenance.ts';
import { readAttestations } from '../attestations/read-attestations.ts';
import type { Digest, Repository } from '../image-reference.ts';
import type { PlatformContent } from '../packages/diff-contents.ts';
import type { Packages } from '../packages/package-list.ts';
import { membersOf } from '../registry/image-index.ts';
import { imageLabels } from '../registry/image-labels.ts';
import { annotationsOf, blobsOf, isIndex } from '../registry/manifest.ts';
import type { RegistryClient } from '../registry/registry-client.ts';
import { RegistryError } from '../registry/registry-error.ts';
import { INPUTS_LABEL } from '../tag/build-inputs.ts';

/** A publication in a registry. */
export interface PublicationPlace {
  readonly client: Pick<RegistryClient, 'getManifest' | 'getBlob'>;
  readonly repository: Repository;
  readonly digest: Digest;
}

type ByPlatform<T> = Readonly<Record<string, T>>;

const BASE_NAME = 'org.opencontainers.image.base.name';
const BASE_DIGEST = 'org.opencontainers.image.base.digest';

/** Labels that are shown as the base and as a tag. */
const SHOWN_OTHERWISE = [BASE_NAME, BASE_DIGEST, INPUTS_LABEL];

/** The package lists of a publication, for each platform that it has. Throws a RegistryError. */
export async function readPackages(place: PublicationPlace): Promise<ByPlatform<Packages>> {
  const attested = Object.entries(await readAttested(place));
  return Object.fromEntries(attested.map(([platform, { packages }]) => [platform, packages]));
}

/** The image for a platform, and what is attested of how it was made. */
interface AttestedContent extends PlatformContent {
  readonly digest: Digest;
  readonly provenance: Provenance | undefined;
}

/** The images of a publication by platform. Throws a RegistryError. */
export async function readContents(given: PublicationPlace): Promise<ByPlatform<AttestedContent>> {
  const { repository } = given;
  const client = onceReading(given.client);
  const place = { ...given, client };
  const index = await readManifest(place);
  // A manifest that is no index is that of the image itself.
  const members = membersOf(index.bytes) ?? {};
  const annotations = isIndex(index) ? annotationsOf(index.bytes) : {};
  const attested = Object.entries(await readAttested(place));
  const read = attested.map(async ([platform, { packages, provenance }]) => {
    const digest = members[platform] ?? place.digest;
    const { bytes } = await readManifest({ client, repository, digest });
    const all = { ...(await imageLabels(client, repository, digest)), ...annotations };
    const labels = Object.entries(all).filter(([name]) => !SHOWN_OTHERWISE.includes(name));
    const content: AttestedContent = {
      digest,
      provenance,
      base: labelledBase(all) ?? (provenance && attestedBase(provenance)),
      sizeBytes: (blobsOf(bytes) ?? []).reduce((sum, { size }) => sum + size, 0),
      labels: Object.fromEntries(labels),
      packages,
    };
    return [platform, content] as const;
  });
  return Object.fromEntries(await Promise.all(read));
}

function labelledBase(labels: Readonly<Record<string, string>>): string | undefined {
  const [name, digest] = [labels[BASE_NAME], labels[BASE_DIGEST]];
  return name === undefined || digest === undefined ? undefined : `${name}@${digest}`;
}

/** The base or the disk that a build took, or what was copied; such images need not have the labels. */
function attestedBase({ buildDefinition }: Provenance): string | undefined {
  const found = buildDefinition.resolvedDependencies.find(({ name = '' }) =>
    ['base', 'disk', 'image'].includes(name),
  );
  const { uri = '', digest = {} } = found ?? {};
  const digests = Object.entries(digest).map(([algorithm, hash]) => `@${algorithm}:${hash}`);
  const base = uri.replace(/^oci:\/\//, '') + digests.join('');
  return base === '' ? undefined : base;
}

/** The client, which reads each manifest once: its platforms, labels and attestations are read one by one. */
function onceReading(client: PublicationPlace['client']): PublicationPlace['client'] {
  const read = new Map<string, ReturnType<typeof client.getManifest>>();
  return {
    ...client,
    getManifest(repository, reference) {
      const found = read.get(reference) ?? client.getManifest(repository, reference);
      read.set(reference, found);
      return found;
    },
  };
}

async function readAttested(place: PublicationPlace) {
  const attested = await readAttestations(place.client, place.repository, place.digest);
  if (Object.keys(attested).length === 0) throw missing(place);
  return attested;
}

async function readManifest(place: PublicationPlace) {
  const manifest = await place.client.getManifest(place.repository, place.digest);
  if (manifest === undefined) throw missing(place);
  return manifest;
}

function missing({ repository, digest }: Omit<PublicationPlace, 'client'>): RegistryError {
  return new RegistryError(
    'MANIFEST_MISSING',
    `${repository}@${digest} is not in the registry any more, or has no image`,
    'choose another version, or run `pulumi up --refresh`, which builds again what vanished',
  );
}
