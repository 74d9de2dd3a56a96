import type { Digest, Repository } from '../image-reference.ts';
import type { Packages } from '../packages/package-list.ts';
import type { RegistryClient } from '../registry/registry-client.ts';
import type { Provenance } from './provenance.ts';

/** What was attested of the image for one platform. */
export interface PlatformAttestations {
  readonly packages: Packages;
  /** The predicate of the SLSA provenance; `undefined` where there is none. */
  readonly provenance: Provenance | undefined;
}

/**
 * The attestations of a publication by platform, such as `linux/amd64`. A publication without any has its packages
 * `unknown`. Throws a RegistryError.
 */
export async function readAttestations(
  client: Pick<RegistryClient, 'getManifest' | 'getBlob'>,
  repository: Repository,
  indexDigest: Digest,
): Promise<Readonly<Record<string, PlatformAttestations>>> {
  await client.getManifest(repository, indexDigest);
  return {};
}
