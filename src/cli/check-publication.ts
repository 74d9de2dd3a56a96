import type { PlatformAttestations } from '../attestations/read-attestations.ts';
import type { Digest } from '../image-reference.ts';
import type { PlannedImage } from '../plan/plan-stack.ts';
import type { FoundSignature } from '../signing/signatures.ts';
import { describeSigner } from '../signing/verify-bundle.ts';
import { INPUTS_LABEL } from '../tag/build-inputs.ts';

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
  /** Of the image for each platform. */
  readonly labels: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly attestations: Readonly<Record<string, PlatformAttestations>>;
  /** `undefined` where the stack accepts nobody's. */
  readonly signature: FoundSignature | undefined;
}

const BUILD_AGAIN = 'delete it, so that the next run builds the image';

/** All findings about a publication of an image, those about the whole first. */
export function checkPublication(
  image: PlannedImage,
  publication: CheckedPublication | undefined,
): readonly Finding[] {
  if (publication === undefined) {
    const remedy = 'publish it with pulumi up, or check out the commit that was published';
    const found = `the registry does not have ${image.tag}`;
    return [{ check: 'published', state: 'failed', found, remedy }];
  }
  const { digest, signature } = publication;
  const ofPlatforms = image.builds.flatMap(({ platform, tag }) =>
    platformFindings(platform, tag, publication),
  );
  return [
    { check: 'published', state: 'ok', found: digest },
    signatureFinding(signature),
    ...(image.adopt === digest ? ofPlatforms.map(adopted) : ofPlatforms),
  ];
}

/** Somebody has checked what the catalog adopts by its digest, whatever it was made from. */
function adopted(finding: Finding): Finding {
  const { check, platform, state, found } = finding;
  if (state !== 'failed' || check === 'published') return finding;
  return { check, platform, state: 'unknown', found: `${found}; the catalog adopts this digest` };
}

function signatureFinding(signature: FoundSignature | undefined): Finding {
  const check = 'signature';
  if (signature === undefined) {
    return { check, state: 'unknown', found: 'the setting `signers` accepts nobody' };
  }
  if ('signer' in signature) {
    return { check, state: 'ok', found: `by ${describeSigner(signature.signer)}` };
  }
  const { problems } = signature;
  return {
    check,
    state: 'failed',
    found: problems.length === 0 ? 'there is none' : problems.join('; '),
    remedy: 'run pulumi up with the setting `signing`, or accept who has signed it in `signers`',
  };
}

function platformFindings(
  platform: string,
  platformTag: string,
  { members, labels, attestations }: CheckedPublication,
): readonly Finding[] {
  if (members[platform] === undefined) {
    const found = 'the publication has no image for it';
    return [{ check: 'published', platform, state: 'failed', found, remedy: BUILD_AGAIN }];
  }
  const { provenance, packages } = attestations[platform] ?? {};
  return [
    inputsFinding(platform, platformTag, labels[platform] ?? {}),
    provenanceFinding(platform, platformTag, provenance),
    packagesFinding(platform, packages, provenance !== undefined),
  ];
}

function inputsFinding(
  platform: string,
  platformTag: string,
  labels: Readonly<Record<string, string>>,
): Finding {
  const check = 'inputs';
  // The tag of a platform begins with the hash of its inputs.
  const [expected = ''] = platformTag.split('-');
  const built = labels[INPUTS_LABEL];
  if (built === expected) {
    return { check, platform, state: 'ok', found: `those of the catalog (${expected})` };
  }
  const found =
    built === undefined ? 'its labels name none' : `${built}, and the catalog's are ${expected}`;
  return { check, platform, state: 'failed', found, remedy: BUILD_AGAIN };
}

function provenanceFinding(
  platform: string,
  platformTag: string,
  provenance: PlatformAttestations['provenance'],
): Finding {
  const check = 'provenance';
  if (provenance === undefined) {
    const remedy = 'it comes with the next publication: one of before has none, and keeps its tag';
    return { check, platform, state: 'failed', found: 'there is none', remedy };
  }
  const { buildDefinition, runDetails } = provenance;
  if (buildDefinition.internalParameters?.['platformTag'] !== platformTag) {
    const found = "it is not that of the catalog's inputs";
    return { check, platform, state: 'failed', found, remedy: BUILD_AGAIN };
  }
  const { builder, metadata } = runDetails;
  const from = [metadata?.invocationId, `by ${builder.id}`].filter(Boolean).join(' ');
  return { check, platform, state: 'ok', found: `${from} (SLSA Build L1)` };
}

function packagesFinding(
  platform: string,
  packages: PlatformAttestations['packages'] | undefined,
  isAttested: boolean,
): Finding {
  const check = 'packages';
  if (packages?.kind === 'known') {
    const { format, packages: all } = packages.list;
    return { check, platform, state: 'ok', found: `${all.length} of format ${format}` };
  }
  const found = packages?.reason ?? 'there is no list';
  if (isAttested) return { check, platform, state: 'unknown', found };
  const remedy = 'it comes with the next publication, with the provenance';
  return { check, platform, state: 'failed', found, remedy };
}
