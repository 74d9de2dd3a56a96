import { isDeepStrictEqual } from 'node:util';
import { composeProvenance } from '../attestations/compose-provenance.ts';
import { describeRun, type Provenance } from '../attestations/provenance.ts';
import type { PlatformAttestations } from '../attestations/read-attestations.ts';
import type { Digest } from '../image-reference.ts';
import type { PlannedCopy, PlannedImage } from '../plan/plan-stack.ts';
import type { FoundSignature } from '../signing/signatures.ts';
import { describeSigner } from '../signing/verify-bundle.ts';
import { INPUTS_LABEL } from '../tag/build-inputs.ts';
import type { PlatformBuild } from '../tag/tag-catalog.ts';

/** What is known of one aspect of a publication. `unknown` is no failure: nobody has said that it must be known. */
export interface Finding {
  readonly check: 'published' | 'signature' | 'inputs' | 'provenance' | 'packages';
  /** Absent for what is about the whole publication. */
  readonly platform?: string;
  readonly state: 'ok' | 'unknown' | 'failed';
  /** In a few words. */
  readonly found: string;
  /** What to do about a failure. */
  readonly remedy?: string;
}

/** A publication as the registry has it. */
export interface CheckedPublication {
  readonly digest: Digest;
  /** Platform → digest. */
  readonly members: Readonly<Record<string, Digest>>;
  /** Platform → label → value. */
  readonly labels: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly attestations: Readonly<Record<string, PlatformAttestations>>;
  /** `undefined` where the stack accepts nobody's. */
  readonly signature: FoundSignature | undefined;
}

const BUILD_AGAIN = 'delete it, so that the next run builds the image';

const COPY_AGAIN = 'delete it, so that the next run copies the image';

/** The remedy for a missing or broken attestation. */
const ATTEST_AGAIN =
  'it comes with the next publication of the image; to have it for this one, delete it, so that the next run makes it again';

/** Which run has built the image is no input. */
const NO_RUN = { revision: '', source: '', pipeline: '', created: '', isEarlier: false };

type Found = Pick<Finding, 'state' | 'found' | 'remedy'>;

const ok = (found: string): Found => ({ state: 'ok', found });

const unknown = (found: string): Found => ({ state: 'unknown', found });

const failed = (found: string, remedy: string): Found => ({ state: 'failed', found, remedy });

/** All findings about a publication of an image, those about the whole first. */
export function checkPublication(
  image: PlannedImage,
  publication: CheckedPublication | undefined,
): readonly Finding[] {
  if (publication === undefined) {
    const remedy = 'publish it with pulumi up, or check out the commit that was published';
    return [{ check: 'published', ...failed(`the registry does not have ${image.tag}`, remedy) }];
  }
  const { digest, signature } = publication;
  const ofPlatforms = image.builds.flatMap((build) => platformFindings(image, build, publication));
  return [
    { check: 'published', ...ok(digest) },
    { check: 'signature', ...signatureFound(signature) },
    ...(image.adopt === digest ? ofPlatforms.map(adopted) : ofPlatforms),
  ];
}

/** Somebody has checked what the catalog adopts by its digest, whatever it was made from. */
function adopted(finding: Finding): Finding {
  const { check, platform, state, found } = finding;
  if (state !== 'failed' || check === 'published') return finding;
  return { check, platform, ...unknown(`${found}; the catalog adopts this digest`) };
}

function signatureFound(signature: FoundSignature | undefined): Found {
  if (signature === undefined) return unknown('the setting `signers` accepts nobody');
  if ('signer' in signature) return ok(`by ${describeSigner(signature.signer)}`);
  return failed(
    signature.problems.join('; ') || 'there is none',
    'run pulumi up with the setting `signing`, or accept who has signed it in `signers`',
  );
}

function platformFindings(
  image: PlannedImage,
  build: PlatformBuild,
  { members, labels, attestations }: CheckedPublication,
): readonly Finding[] {
  const { platform } = build;
  const member = members[platform];
  if (member === undefined) {
    const found = failed('the publication has no image for it', BUILD_AGAIN);
    return [{ check: 'published', platform, ...found }];
  }
  const { provenance, ...list } = attestations[platform] ?? {};
  const inputs =
    image.kind === 'copy'
      ? sourceFound(image, member, provenance)
      : inputsFound(build.tag, labels[platform] ?? {});
  return [
    { check: 'inputs', platform, ...inputs },
    { check: 'provenance', platform, ...provenanceFound(image, build, provenance) },
    { check: 'packages', platform, ...packagesFound(list) },
  ];
}

function inputsFound(platformTag: string, labels: Readonly<Record<string, string>>): Found {
  // The tag of a platform begins with the hash of its inputs.
  const [expected = ''] = platformTag.split('-');
  const built = labels[INPUTS_LABEL];
  if (built === expected) return ok(`those of the catalog (${expected})`);
  if (built === undefined) return failed('its labels name none', BUILD_AGAIN);
  return failed(`${built}, and the catalog's are ${expected}`, BUILD_AGAIN);
}

/** An image is copied with the labels that it has. What is no index itself has its own digest. */
function sourceFound(
  { from }: Pick<PlannedCopy, 'from'>,
  member: Digest,
  provenance: PlatformAttestations['provenance'],
): Found {
  const dependencies = provenance?.buildDefinition.resolvedDependencies ?? [];
  const { sha256 } = dependencies.find(({ name }) => name === 'image')?.digest ?? {};
  if (member === from.digest) return ok(`that of the catalog (${member})`);
  if (sha256 === undefined) return failed('nothing says what it was copied from', COPY_AGAIN);
  const source = `sha256:${sha256}`;
  if (source === from.digest) return ok(`from that of the catalog (${source})`);
  return failed(`from ${source}, and the catalog's is ${from.digest}`, COPY_AGAIN);
}

function provenanceFound(
  image: PlannedImage,
  build: PlatformBuild,
  provenance: PlatformAttestations['provenance'],
): Found {
  if (provenance === undefined) return failed('there is none that can be read', ATTEST_AGAIN);
  const { buildDefinition } = provenance;
  const expected = composeProvenance(image, build, NO_RUN).buildDefinition;
  const digests = digestsIn(buildDefinition);
  const isOfCatalog =
    isDeepStrictEqual(buildDefinition.internalParameters, expected.internalParameters) &&
    digestsIn(expected).every((digest) => digests.includes(digest));
  if (!isOfCatalog) return failed("it is not that of the catalog's inputs", BUILD_AGAIN);
  return ok(describeRun(provenance));
}

/** What was built from, without names: a file or a tag may be called otherwise since. */
function digestsIn({ resolvedDependencies }: Provenance['buildDefinition']): readonly string[] {
  return resolvedDependencies.map(({ digest }) => JSON.stringify(digest));
}

function packagesFound({ packages, problem }: Partial<PlatformAttestations>): Found {
  if (packages?.kind === 'known') {
    return ok(`${packages.list.packages.length} of format ${packages.list.format}`);
  }
  const found = packages?.reason ?? 'there is no list';
  if (packages !== undefined && problem === undefined) return unknown(found);
  return failed(found, ATTEST_AGAIN);
}
