import { readAttestations } from '../attestations/read-attestations.ts';
import type { Content } from '../catalog/image.ts';
import { formatImageReference, LATEST, type Digest } from '../image-reference.ts';
import { unknown, type Packages } from '../packages/package-list.ts';
import type { PlannedImage } from '../plan/plan-stack.ts';
import { credentialsFor } from '../registry/credentials.ts';
import { findWhole } from '../registry/image-index.ts';
import { registryClient } from '../registry/registry-client.ts';
import { RegistryError } from '../registry/registry-error.ts';
import { dockerClient } from '../verify/docker-client.ts';
import { listContainer } from '../verify/list-container.ts';
import { isInEngine, removeImage } from './tried-images.ts';

/** Somebody waits for what is built, and a registry that is away is told of, not waited for. */
const IN_SHORT = { mostTries: 2, timeout: 30_000 };

interface Published extends Pick<PlannedImage, 'registry' | 'repository'> {
  readonly kind: Content;
}

/**
 * The packages of what `latest` names, for a platform: as they were attested or, of a container without attestation, as
 * the container lists them here. Reads with Docker's own login or without one; what can't be read is unknown. Throws the
 * reason of `signal`.
 */
export async function publishedPackages(
  image: Published,
  platform: string,
  signal: AbortSignal,
): Promise<Packages> {
  const { registry, repository } = image;
  try {
    const credentials = await credentialsFor(registry, process.env);
    const client = registryClient({ registry, credentials, signal, ...IN_SHORT });
    const found = await findWhole(client, repository, LATEST);
    if (found === undefined) return unknown(`nothing is published under ${LATEST}`);
    const attestations = await readAttestations(client, repository, found.digest);
    const attested = attestations[platform]?.packages;
    if (attested === undefined) return unknown(`${LATEST} has no image for ${platform}`);
    if (attested.kind === 'known' || image.kind !== 'container') return attested;
    return await listPublished(image, found.members?.[platform] ?? found.digest, platform, signal);
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof RegistryError)) throw error;
    return unknown(error.message);
  }
}

/** Pulls the image for as long as that takes, where the Docker Engine does not have it. */
async function listPublished(
  { registry, repository }: Published,
  digest: Digest,
  platform: string,
  signal: AbortSignal,
): Promise<Packages> {
  const reference = formatImageReference({ registry, repository, digest });
  const docker = dockerClient(signal);
  const wasThere = await isInEngine(docker, reference);
  try {
    return await listContainer(reference, { platform, signal });
  } finally {
    if (!wasThere && (await isInEngine(docker, reference))) await removeImage(docker, reference);
  }
}
