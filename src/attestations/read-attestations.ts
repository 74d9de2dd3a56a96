import { z } from 'zod';
import { parseDigest, type Digest, type Repository } from '../image-reference.ts';
import { parseJson } from '../json.ts';
import { unknown, type Packages } from '../packages/package-list.ts';
import { fromSpdx } from '../packages/spdx.ts';
import { normalPlatform } from '../platforms.ts';
import { membersOf } from '../registry/image-index.ts';
import { annotationsOf, manifestPlatforms } from '../registry/manifest.ts';
import type { RegistryClient } from '../registry/registry-client.ts';
import { isDamage } from '../registry/registry-error.ts';
import { PACKAGES_UNKNOWN } from './attestation-manifest.ts';
import { Provenance } from './provenance.ts';
import {
  PREDICATE_ANNOTATION,
  predicateFor,
  PROVENANCE_TYPE,
  SPDX_TYPE,
  STATEMENT_MEDIA_TYPE,
} from './statement.ts';

/** What was attested of the image for one platform. */
export interface PlatformAttestations {
  readonly packages: Packages;
  /** Why there is no package list that counts; absent where there is one, and where an attestation says why not. */
  readonly problem?: string | undefined;
  /** The predicate of the SLSA provenance; `undefined` where there is none. */
  readonly provenance: Provenance | undefined;
}

type Client = Pick<RegistryClient, 'getManifest' | 'getBlob'>;

type ByPlatform = Readonly<Record<string, PlatformAttestations>>;

const Index = z.object({
  manifests: z.array(
    z.object({
      digest: z.string().transform(parseDigest),
      annotations: z.record(z.string(), z.string()).nullish(),
    }),
  ),
});

const AttestationManifest = z.object({
  layers: z.array(
    z.object({
      mediaType: z.string(),
      digest: z.string().transform(parseDigest),
      annotations: z.record(z.string(), z.string()).nullish(),
    }),
  ),
});

/** Attestations of an image, and statements of an attestation: this project makes one and two. */
const MOST_OF_ONE = 8;

function without(problem: string): PlatformAttestations {
  return { packages: unknown(problem), problem, provenance: undefined };
}

const WITHOUT = without('it was published without attestations');

/**
 * The attestations of a publication by platform, such as `linux/amd64`; none for a digest that the registry does not
 * have. Statements about another image don't count, whatever names them, nor do damaged ones. Throws a RegistryError.
 */
export async function readAttestations(
  client: Client,
  repository: Repository,
  indexDigest: Digest,
): Promise<ByPlatform> {
  const manifest = await client.getManifest(repository, indexDigest);
  if (manifest === undefined) return {};
  const members = membersOf(manifest.bytes);
  if (members === undefined) {
    const platforms = await manifestPlatforms(manifest, repository, client);
    return Object.fromEntries(platforms.map((platform) => [normalPlatform(platform), WITHOUT]));
  }
  const entries = Index.safeParse(parseJson(manifest.bytes)).data?.manifests ?? [];
  const attested = Object.entries(members).map(async ([platform, image]) => {
    const digests = entries
      .filter(({ annotations }) => annotations?.['vnd.docker.reference.digest'] === image)
      .slice(0, MOST_OF_ONE)
      .flatMap(({ digest }) => digest ?? []);
    return [platform, await readImage(client, repository, image, digests)] as const;
  });
  return Object.fromEntries(await Promise.all(attested));
}

async function readImage(
  client: Client,
  repository: Repository,
  image: Digest,
  attestations: readonly Digest[],
): Promise<PlatformAttestations> {
  if (attestations.length === 0) return WITHOUT;
  let problem = 'it was published without a package list';
  let packages: Packages | undefined;
  let provenance: Provenance | undefined;
  const read = async <Value>(request: Promise<Value | undefined>, missing: string) => {
    try {
      const found = await request;
      if (found === undefined) problem = missing;
      return found;
    } catch (error) {
      if (!isDamage(error)) throw error;
      ({ problem } = error);
      return undefined;
    }
  };
  for (const attestation of attestations) {
    const request = client.getManifest(repository, attestation);
    const manifest = await read(request, 'its attestation is gone from the registry');
    const { layers = [] } =
      AttestationManifest.safeParse(manifest && parseJson(manifest.bytes)).data ?? {};
    const why = manifest && annotationsOf(manifest.bytes)[PACKAGES_UNKNOWN];
    // A copy may also have an attestation of its source, whose list this project has not made.
    if (why !== undefined) packages ??= unknown(why);
    for (const { digest, mediaType, annotations } of layers.slice(0, MOST_OF_ONE)) {
      const type = annotations?.[PREDICATE_ANNOTATION] ?? '';
      const isRead = type === SPDX_TYPE || type === PROVENANCE_TYPE;
      if (digest === undefined || mediaType !== STATEMENT_MEDIA_TYPE || !isRead) continue;
      const bytes = await read(
        client.getBlob(repository, digest),
        'a statement about it is gone from the registry',
      );
      if (bytes === undefined) continue;
      const predicate = predicateFor(parseJson(bytes), image, type);
      if (type === PROVENANCE_TYPE) provenance ??= Provenance.safeParse(predicate).data;
      const list = type === SPDX_TYPE ? fromSpdx(predicate) : undefined;
      if (list !== undefined) packages ??= { kind: 'known', list };
      else if (type === SPDX_TYPE)
        problem = "its package list is another image's, or can't be read";
    }
  }
  if (packages === undefined) return { ...without(problem), provenance };
  return { packages, provenance };
}
