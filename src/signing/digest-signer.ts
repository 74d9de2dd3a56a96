import { createHash, createPublicKey } from 'node:crypto';
import { bundleToJSON } from '@sigstore/bundle';
import type { Signer as BundleSigner, Witness } from '@sigstore/sign';
import { STATEMENT_MEDIA_TYPE } from '../attestations/statement.ts';
import type { Environment } from '../environment.ts';
import { googleAccessToken } from '../google/google-access-token.ts';
import type { HttpOptions } from '../http/fetch-with-retry.ts';
import type { Digest } from '../image-reference.ts';
import type { SigningKey } from '../settings/settings.ts';
import { isIdentitySigner, type Signer } from '../settings/signers.ts';
import { keyOfFile, keyOfVariable, type HeldKey } from './held-key.ts';
import { identityToken } from './identity-token.ts';
import { FULCIO, fulcioSigner, REKOR, rekorWitness } from './keyless.ts';
import { keyOfKms } from './kms-key.ts';
import { signStatement } from './statement.ts';

/** Signs digests, with one key or for one identity. */
export interface DigestSigner {
  /** Those of the accepted signers that this one may be: their signatures are not made again. */
  readonly among: (signers: readonly Signer[]) => Promise<readonly Signer[]>;
  /** A bundle of Sigstore (version 0.3), as JSON. Throws a SigningError. */
  readonly sign: (digest: Digest, signal: AbortSignal) => Promise<Buffer>;
}

interface SigningOptions extends HttpOptions {
  readonly env: Environment;
  readonly fulcio?: string | undefined;
  readonly rekor?: string | undefined;
}

/** The signer of a setting. The key is read with the first signature, and once. */
export function digestSigner(signing: SigningKey, options: SigningOptions): DigestSigner {
  const { env, fulcio = FULCIO, rekor = REKOR, ...http } = options;
  if (signing.kind === 'keyless') {
    return {
      among: (signers) => Promise.resolve(signers.filter(isIdentitySigner)),
      sign: (digest, signal) => {
        const limited = { ...http, signal };
        const token = () => identityToken(env, {}, limited);
        const signer = fulcioSigner(fulcio, token, limited);
        return makeBundle(digest, signer, [rekorWitness(rekor, limited)]);
      },
    };
  }
  let opened: Promise<HeldKey> | undefined;
  const open = () => {
    const opening = (opened ??= openKey(signing, env, http));
    // The next image tries again.
    opening.catch(() => (opened = undefined));
    return opening;
  };
  return {
    async among(signers) {
      const { publicKey } = await open();
      return signers.filter((one) => 'publicKey' in one && one.publicKey === publicKey);
    },
    async sign(digest, signal) {
      const held = await open();
      return makeBundle(digest, keySigner(held, signal), []);
    },
  };
}

async function openKey(
  signing: Exclude<SigningKey, { kind: 'keyless' }>,
  env: Environment,
  http: HttpOptions,
): Promise<HeldKey> {
  switch (signing.kind) {
    case 'file':
      return keyOfFile(signing.path, env);
    case 'variable':
      return keyOfVariable(signing.name, env);
    case 'kms': {
      const token = () => googleAccessToken({ setting: undefined, environment: env });
      return keyOfKms(signing.version, token, http);
    }
  }
}

function keySigner({ publicKey, sign }: HeldKey, signal: AbortSignal): BundleSigner {
  // The hint is made as cosign makes it.
  const der = createPublicKey(publicKey).export({ type: 'spki', format: 'der' });
  const hint = createHash('sha256').update(der).digest('base64');
  return {
    sign: async (data) => {
      const signature = await sign(data, signal);
      return { signature, key: { $case: 'publicKey', publicKey, hint } };
    },
  };
}

async function makeBundle(digest: Digest, signer: BundleSigner, witnesses: Witness[]) {
  const { DSSEBundleBuilder } = await import('@sigstore/sign');
  const builder = new DSSEBundleBuilder({ signer, witnesses });
  const bundle = await builder.create({ data: signStatement(digest), type: STATEMENT_MEDIA_TYPE });
  // cosign takes the hint here for the name of another key, and accepts no signature of that.
  for (const signature of bundle.content.dsseEnvelope.signatures) signature.keyid = '';
  return Buffer.from(JSON.stringify(bundleToJSON(bundle)));
}
