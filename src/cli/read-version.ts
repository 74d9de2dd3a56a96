import { readContents, type PublicationPlace } from './read-contents.ts';
import { describeRun, type Provenance } from '../attestations/provenance.ts';
import { isImmutable } from '../image-reference.ts';
import type { ReadPlatform, ReadVersion } from '../page/describe-details.ts';
import type { PageCheck } from '../page/page-data.ts';
import type { RegistryClient } from '../registry/registry-client.ts';
import { findSignature, type Acceptance } from '../signing/signatures.ts';
import { SigningError } from '../signing/signing-error.ts';
import { describeSigner } from '../signing/verify-bundle.ts';
import { keptVerification } from '../verify/kept-verifications.ts';

/** A publication to read, and its tags. */
interface TaggedPlace extends PublicationPlace {
  readonly client: Pick<RegistryClient, 'getManifest' | 'getBlob' | 'listReferrers'>;
  readonly tags: readonly string[];
}

/** What the page shows of a version beside its forecast. Throws a RegistryError. */
export async function readVersion(
  place: TaggedPlace,
  acceptance: Acceptance | undefined,
): Promise<ReadVersion> {
  const contents = await readContents(place);
  const all = Object.values(contents);
  const platforms = Object.entries(contents).map(([platform, content]) => {
    const { base, labels, packages, provenance } = content;
    const inputs = { ...(base !== undefined && { base }), ...(provenance && recipeOf(provenance)) };
    return [platform, { labels, packages, inputs } satisfies ReadPlatform] as const;
  });
  const verifications = await Promise.all(all.map(({ digest }) => keptVerification(digest)));
  return {
    platforms: Object.fromEntries(platforms),
    signature: await signatureOf(place, acceptance),
    provenance: provenanceOf(
      all.map((content) => content.provenance),
      place.tags.find(isImmutable),
    ),
    verification: verifications.find((found) => found !== undefined),
  };
}

/** What a provenance says of the build inputs beside the base. */
function recipeOf({ buildDefinition }: Provenance): Readonly<Record<string, string>> {
  const { externalParameters, internalParameters } = buildDefinition;
  const { image, revision } = externalParameters;
  const entry = typeof image === 'object' && image !== null ? image : {};
  const inputs: unknown = internalParameters?.['inputs'];
  const hashes = typeof inputs === 'object' && inputs !== null ? inputs : {};
  const named = Object.entries({ commit: revision, ...entry });
  const shown = named.filter(([name]) => !['name', 'kind', 'base'].includes(name));
  const texts = shown.flatMap(([name, value]) => textsOf(name, value));
  const hashed = Object.entries(hashes)
    .filter(([name]) => name === 'context' || name === 'dockerfile')
    .map(([name, hash]) => [`${name} (hash)`, String(hash).slice(0, 12)] as const);
  return Object.fromEntries([...texts, ...hashed]);
}

/** A value, or those in it, by their names. */
function textsOf(name: string, value: unknown): readonly (readonly [string, string])[] {
  if (typeof value !== 'object' || value === null) return [[name, String(value)]];
  return Object.entries(value).flatMap(([key, part]) => textsOf(`${name} ${key}`, part));
}

function provenanceOf(
  found: readonly (Provenance | undefined)[],
  tag: string | undefined,
): PageCheck {
  const attested = found.flatMap((one) => one ?? []);
  const [first] = attested;
  if (first === undefined) return { state: 'missing', text: 'none is attested' };
  if (attested.length < found.length) {
    return {
      state: 'missing',
      text: `attested for ${attested.length} of ${found.length} platforms`,
    };
  }
  const isOther = ({ buildDefinition }: Provenance) =>
    buildDefinition.internalParameters?.['tag'] !== tag;
  if (tag !== undefined && attested.some(isOther)) {
    return { state: 'wrong', text: "it is that of other build inputs than the tag's" };
  }
  return { state: 'ok', text: describeRun(first) };
}

async function signatureOf(
  { client, repository, digest }: TaggedPlace,
  acceptance: Acceptance | undefined,
): Promise<PageCheck> {
  if (acceptance === undefined) {
    return { state: 'unknown', text: 'the setting `signers` accepts nobody' };
  }
  try {
    const found = await findSignature(client, repository, digest, acceptance);
    if ('signer' in found) return { state: 'ok', text: `by ${describeSigner(found.signer)}` };
    const { problems } = found;
    return problems.length === 0
      ? { state: 'missing', text: 'there is none' }
      : { state: 'wrong', text: problems.join('; ') };
  } catch (error) {
    // The root of Sigstore, which is read over the network, may be out of reach.
    if (!(error instanceof SigningError)) throw error;
    return { state: 'unknown', text: `it could not be checked (${error.code})` };
  }
}
