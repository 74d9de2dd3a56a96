import { createHash, createPublicKey } from 'node:crypto';
import { bundleFromJSON, isBundleWithDsseEnvelope, type Bundle } from '@sigstore/bundle';
import type { TrustedRoot } from '@sigstore/protobuf-specs';
import { toSignedEntity, toTrustMaterial, Verifier } from '@sigstore/verify';
import { STATEMENT_MEDIA_TYPE } from '../attestations/statement.ts';
import type { Digest } from '../image-reference.ts';
import { parseJson } from '../json.ts';
import {
  isIdentitySigner,
  isKeySigner,
  type IdentitySigner,
  type KeySigner,
  type Signer,
} from '../settings/signers.ts';
import { isSignStatement } from './statement.ts';

/** Whose signature a bundle is; or why it is that of nobody who is accepted. */
type Verdict = { readonly signer: Signer } | { readonly problem: string };

/**
 * Checks that a bundle is a signature of the digest by one of the signers. `root` is for those with an identity;
 * without one, none of these is accepted. Never throws for a broken bundle.
 */
export function verifyBundle(
  bytes: Uint8Array,
  digest: Digest,
  signers: readonly Signer[],
  root?: TrustedRoot,
): Verdict {
  const bundle = parseBundle(bytes);
  if (bundle === undefined || !isBundleWithDsseEnvelope(bundle)) {
    return { problem: 'it is no bundle of Sigstore with an envelope' };
  }
  const { payload, payloadType } = bundle.content.dsseEnvelope;
  if (payloadType !== STATEMENT_MEDIA_TYPE || !isSignStatement(payload, digest)) {
    return { problem: 'it is no signature of this digest' };
  }
  if (bundle.verificationMaterial.content.$case === 'publicKey') {
    const signer = signers.filter(isKeySigner).find((one) => isSignedBy(bundle, one));
    return signer === undefined
      ? { problem: 'no key of the setting `signers` fits it' }
      : { signer };
  }
  const identities = signers.filter(isIdentitySigner);
  if (identities.length === 0 || root === undefined) {
    return { problem: 'it is by an identity, and the setting `signers` has keys only' };
  }
  return verifyIdentity(bundle, identities, root);
}

function parseBundle(bytes: Uint8Array): Bundle | undefined {
  try {
    return bundleFromJSON(parseJson(bytes));
  } catch {
    return undefined;
  }
}

const NO_ROOT: TrustedRoot = {
  mediaType: '',
  tlogs: [],
  certificateAuthorities: [],
  ctlogs: [],
  timestampAuthorities: [],
};

/** The key alone decides: that a log knows the signature as well is not asked for. */
function isSignedBy(bundle: Bundle, { publicKey }: KeySigner): boolean {
  const key = { publicKey: createPublicKey(publicKey), validFor: () => true };
  const thresholds = { tlogThreshold: 0, ctlogThreshold: 0, timestampThreshold: 0 };
  const verifier = new Verifier(
    toTrustMaterial(NO_ROOT, () => key),
    thresholds,
  );
  try {
    verifier.verify({ ...toSignedEntity(bundle), tlogEntries: [], timestamps: [] });
    return true;
  } catch {
    return false;
  }
}

/** The library reads an identity as a pattern: the comparison is made here. */
function verifyIdentity(
  bundle: Bundle,
  signers: readonly IdentitySigner[],
  root: TrustedRoot,
): Verdict {
  try {
    // A Fulcio of one's own may have no log of its certificates.
    const ctlogThreshold = root.ctlogs.length > 0 ? 1 : 0;
    const verifier = new Verifier(toTrustMaterial(root), { ctlogThreshold });
    const { identity } = verifier.verify(toSignedEntity(bundle));
    const issuer = identity?.extensions?.issuer ?? '';
    const subject = identity?.subjectAlternativeName ?? '';
    const signer = signers.find((one) => one.issuer === issuer && one.identity === subject);
    if (signer !== undefined) return { signer };
    return { problem: `it is by ${subject} (${issuer}), who is none of \`signers\`` };
  } catch (error) {
    const { message } = error instanceof Error ? error : { message: String(error) };
    return { problem: `its certificate or its entry in the log does not hold: ${message}` };
  }
}

/** A signer for people: an identity, or a key by the SHA-256 of its DER. */
export function describeSigner(signer: Signer): string {
  if (isIdentitySigner(signer)) return `${signer.identity} (${signer.issuer})`;
  const der = createPublicKey(signer.publicKey).export({ type: 'spki', format: 'der' });
  return `the key sha256:${createHash('sha256').update(der).digest('hex')}`;
}
