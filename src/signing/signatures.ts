import type { TrustedRoot } from '@sigstore/protobuf-specs';
import { z } from 'zod';
import { parseDigest, type Digest, type Repository } from '../image-reference.ts';
import { parseJson } from '../json.ts';
import { attach, findReferrers } from '../registry/artifacts.ts';
import type { ManifestDescriptor } from '../registry/manifest.ts';
import type { Referrer } from '../registry/referrers.ts';
import type { RegistryClient } from '../registry/registry-client.ts';
import { isDamage } from '../registry/registry-error.ts';
import { isIdentitySigner, type Signer } from '../settings/signers.ts';
import type { DigestSigner } from './digest-signer.ts';
import { SigningError } from './signing-error.ts';
import { SIGN_TYPE } from './statement.ts';
import { verifyBundle } from './verify-bundle.ts';

const BUNDLE_TYPE = 'application/vnd.dev.sigstore.bundle.v0.3+json';

/** Annotations of a bundle in a registry, as cosign writes them. */
const PREDICATE_TYPE = 'dev.sigstore.bundle.predicateType';
const CONTENT = 'dev.sigstore.bundle.content';

/** In bytes; a bundle with a certificate has five thousand. */
const LARGEST_BUNDLE = 1_000_000;

/** The public Sigstore's root, or one's own; it is read when a signature by an identity is. */
export type ReadRoot = () => Promise<TrustedRoot>;

/** Whose signatures count. */
export interface Acceptance {
  readonly signers: readonly Signer[];
  readonly root: ReadRoot;
}

/** A signature by somebody who is accepted; or why each one that is there is none. */
export type FoundSignature =
  | { readonly signer: Signer; readonly signature: Digest }
  | { readonly problems: readonly string[] };

type Reading = Pick<RegistryClient, 'getManifest' | 'getBlob' | 'listReferrers'>;

/** Looks for a signature of a digest by one of the signers. Throws a RegistryError, or a SigningError without a root. */
export async function findSignature(
  client: Reading,
  repository: Repository,
  digest: Digest,
  { signers, root }: Acceptance,
): Promise<FoundSignature> {
  const problems: string[] = [];
  const referrers = await listSignatures(client, repository, digest);
  const needsRoot = referrers.length > 0 && signers.some(isIdentitySigner);
  const trusted = needsRoot ? await root() : undefined;
  for (const referrer of referrers) {
    const bytes = await readBundle(client, repository, referrer).catch(damageOf);
    if (bytes === undefined) continue;
    const verdict = 'problem' in bytes ? bytes : verifyBundle(bytes, digest, signers, trusted);
    if ('signer' in verdict) return { signer: verdict.signer, signature: referrer.digest };
    problems.push(`${referrer.digest}: ${verdict.problem}`);
  }
  return { problems };
}

/** What may be a signature of a digest. Some registries list another artifact type than that of the manifest. */
async function listSignatures(
  client: Pick<Reading, 'getManifest' | 'listReferrers'>,
  repository: Repository,
  digest: Digest,
): Promise<readonly Referrer[]> {
  const referrers = await findReferrers(client, repository, digest);
  return referrers.filter(({ artifactType, annotations }) => {
    const isNamed = artifactType === BUNDLE_TYPE || CONTENT in annotations;
    const isUnnamed = ['', 'application/vnd.oci.empty.v1+json'].includes(artifactType);
    const type = annotations[PREDICATE_TYPE] ?? SIGN_TYPE;
    return (isNamed || isUnnamed) && type === SIGN_TYPE;
  });
}

const BundleManifest = z.object({
  layers: z.tuple([z.object({ digest: z.string().transform(parseDigest), size: z.number() })]),
});

/** `undefined` for a referrer that is gone, or that is no bundle. */
async function readBundle(client: Reading, repository: Repository, { digest }: Referrer) {
  const manifest = await client.getManifest(repository, digest);
  const { data } = BundleManifest.safeParse(manifest && parseJson(manifest.bytes));
  const [layer] = data?.layers ?? [];
  if (layer?.digest === undefined || layer.size > LARGEST_BUNDLE) return undefined;
  return client.getBlob(repository, layer.digest);
}

/** A bundle that is none of its digest must not hide another. */
function damageOf(error: unknown): { readonly problem: string } {
  if (isDamage(error)) return error;
  throw error;
}

type Writing = Reading &
  Pick<RegistryClient, 'headManifest' | 'putBlob' | 'putReferrer' | 'putManifest'>;

/**
 * Signs a manifest, unless the signer has. Returns the digest of the signature. What `signers` does not accept is not
 * attached: a check would refuse it. Throws a SigningError or a RegistryError.
 */
export async function signOnce(
  client: Writing,
  repository: Repository,
  subject: ManifestDescriptor,
  {
    signers,
    root,
    signer,
    signal,
  }: Acceptance & {
    readonly signer: DigestSigner;
    readonly signal: AbortSignal;
  },
): Promise<Digest> {
  const { digest } = subject;
  const own = await signer.among(signers);
  if (own.length === 0) throw notAccepted('the key of the setting `signing` is none of `signers`');
  const found = await findSignature(client, repository, digest, { signers: own, root });
  if ('signature' in found) return found.signature;
  const bytes = await signer.sign(digest, signal);
  const trusted = own.some(isIdentitySigner) ? await root() : undefined;
  const verdict = verifyBundle(bytes, digest, own, trusted);
  if ('problem' in verdict)
    throw notAccepted(`the new signature does not count: ${verdict.problem}`);
  return attach(client, repository, subject, {
    artifactType: BUNDLE_TYPE,
    layers: [{ mediaType: BUNDLE_TYPE, bytes }],
    annotations: { [CONTENT]: 'dsse-envelope', [PREDICATE_TYPE]: SIGN_TYPE },
  });
}

function notAccepted(problem: string): SigningError {
  const remedy = 'write into `signers` who signs (src/signing/README.md), or correct `signing`';
  return new SigningError('SIGNER_NOT_ACCEPTED', problem, remedy);
}
