import { createPublicKey } from 'node:crypto';
import { z } from 'zod';
import { unknownKey, type EntryProblem } from './entry-problem.ts';
import { textAs } from './setting-values.ts';

/** Somebody whose signature is accepted: the holder of a key, or of an identity that Fulcio has certified. */
export type Signer = KeySigner | IdentitySigner;

/** PEM of a P-256 key (RFC 7468, "PUBLIC KEY"), in its one normal form. */
export interface KeySigner {
  readonly publicKey: string;
}

export interface IdentitySigner {
  /** Who vouches for the identity: `https://gitlab.com`. */
  readonly issuer: string;
  /** The subject of the certificate, all of it: an address of a pipeline's file, or of an account. */
  readonly identity: string;
}

const REMEDIES = {
  publicKey:
    'write the PEM that `openssl pkey -pubout` prints for a P-256 key, beginning with -----BEGIN PUBLIC KEY-----',
  issuer: 'write the https address that is the issuer of the identity token',
  identity: 'write the subject of the certificate, as `cosign verify` names it',
} as const;

const KEYS = Object.keys(REMEDIES);

const SignerValues = z.strictObject({
  publicKey: textAs(parsePublicKey).optional(),
  issuer: z
    .string()
    .regex(/^https:\/\/\S+$/)
    .optional(),
  identity: z.string().regex(/^\S+$/).optional(),
});

/**
 * Parses the setting `signers`. No problem quotes a value. The codes are MISSING_SETTING, INVALID_SETTING,
 * CONFLICTING_SETTINGS and UNKNOWN_SETTING.
 */
export function parseSigners(list: readonly unknown[]): {
  readonly signers: readonly Signer[];
  readonly problems: readonly EntryProblem[];
} {
  const signers: Signer[] = [];
  const problems: EntryProblem[] = [];
  for (const [index, value] of list.entries()) {
    const { data, error } = SignerValues.safeParse(value);
    if (data === undefined) {
      problems.push(...error.issues.flatMap((issue) => problemsOf(issue, index)));
      continue;
    }
    const { publicKey, issuer, identity } = data;
    if (publicKey !== undefined && (issuer ?? identity) !== undefined) {
      const problem = 'has a key and an identity';
      const remedy = 'make two entries of it';
      problems.push({ code: 'CONFLICTING_SETTINGS', at: [index], problem, remedy });
    } else if (publicKey !== undefined) {
      signers.push({ publicKey });
    } else if (issuer !== undefined && identity !== undefined) {
      signers.push({ issuer, identity });
    } else {
      const problem = 'has no publicKey, and no issuer with an identity';
      const remedy = 'write one or the other';
      problems.push({ code: 'MISSING_SETTING', at: [index], problem, remedy });
    }
  }
  return { signers, problems };
}

function problemsOf(issue: z.core.$ZodIssue, index: number): readonly EntryProblem[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => unknownKey('a signer', [index, key], KEYS));
  }
  const [name] = issue.path;
  if (name !== 'publicKey' && name !== 'issuer' && name !== 'identity') {
    const remedy = 'write a mapping with publicKey, or with issuer and identity';
    return [{ code: 'INVALID_SETTING', at: [index], problem: 'is no signer', remedy }];
  }
  const problem = 'has a value it can not have';
  return [{ code: 'INVALID_SETTING', at: [index, name], problem, remedy: REMEDIES[name] }];
}

/** Rejects private keys: the settings are in git and in the state. */
function parsePublicKey(text: string): string | undefined {
  if (!text.trim().startsWith('-----BEGIN PUBLIC KEY-----')) return undefined;
  return normalPublicKey(text);
}

/** The PEM of a P-256 key as Node writes it; `undefined` for anything else. */
export function normalPublicKey(pem: string): string | undefined {
  try {
    const key = createPublicKey(pem);
    if (key.asymmetricKeyDetails?.namedCurve !== 'prime256v1') return undefined;
    return key.export({ type: 'spki', format: 'pem' }).toString().trim();
  } catch {
    return undefined;
  }
}

export function isKeySigner(signer: Signer): signer is KeySigner {
  return 'publicKey' in signer;
}

export function isIdentitySigner(signer: Signer): signer is IdentitySigner {
  return 'identity' in signer;
}
