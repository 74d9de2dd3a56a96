import { createPrivateKey, createPublicKey, sign, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Environment } from '../environment.ts';
import { hasErrorCode } from '../problem.ts';
import { normalPublicKey } from '../settings/signers.ts';
import { SigningError } from './signing-error.ts';

/** A private key that this process, or somebody for it, can sign with. */
export interface HeldKey {
  /** Its public half, in the normal form of `signers`. */
  readonly publicKey: string;
  /** A DER-encoded ECDSA signature over the SHA-256 of the data. */
  readonly sign: (data: Buffer, signal: AbortSignal) => Promise<Buffer>;
}

/** The passphrase of an encrypted key file. */
const PASSPHRASE = 'IMAGES_SIGNING_PASSPHRASE';

const MAKE_ONE =
  'make one with `openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256` (src/signing/README.md)';

/** The key in a PEM file (PKCS #8). Throws a SigningError, which quotes nothing of the file. */
export function keyOfFile(path: string, env: Environment): HeldKey {
  return keyOf(readKeyFile(path), `the key file ${path}`, env);
}

/** The key that a variable has as PEM, or whose file it names, as file variables of GitLab do. */
export function keyOfVariable(name: string, env: Environment): HeldKey {
  const value = env[name]?.trim() ?? '';
  if (value === '') {
    throw unusable(
      `the variable ${name} of the setting \`signing\` is not set`,
      'set it for the pipelines that publish, and for no other',
    );
  }
  const pem = value.startsWith('-----') ? value : readKeyFile(value, `that ${name} names`);
  return keyOf(pem, `the key in ${name}`, env);
}

/** The path of a file may be the key itself by mistake: that of a variable is not shown. */
function readKeyFile(path: string, shown = path): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const why = hasErrorCode(error, 'ENOENT') ? 'is not there' : 'can not be read';
    throw unusable(
      `the key file ${shown} ${why}`,
      'put it there for the runs that publish, or correct the setting `signing`',
    );
  }
}

function keyOf(pem: string, name: string, env: Environment): HeldKey {
  if (pem.includes('ENCRYPTED SIGSTORE') || pem.includes('ENCRYPTED COSIGN')) {
    throw unusable(`${name} is encrypted in the format of cosign's own`, MAKE_ONE);
  }
  const privateKey = privateKeyOf(pem, name, env[PASSPHRASE] ?? '');
  const exported = createPublicKey(privateKey).export({ type: 'spki', format: 'pem' });
  const publicKey = normalPublicKey(exported.toString());
  if (publicKey === undefined) throw unusable(`${name} is no P-256 key`, MAKE_ONE);
  return { publicKey, sign: (data) => Promise.resolve(sign('sha256', data, privateKey)) };
}

function privateKeyOf(pem: string, name: string, passphrase: string): KeyObject {
  try {
    return createPrivateKey({ key: pem, format: 'pem', passphrase });
  } catch {
    if (!/-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: 4,ENCRYPTED/m.test(pem)) {
      throw unusable(`${name} is no private key in PEM`, MAKE_ONE);
    }
    throw unusable(
      `${name} does not open with ${passphrase === '' ? 'no passphrase' : 'the passphrase that is set'}`,
      `set its passphrase in the variable ${PASSPHRASE}`,
    );
  }
}

function unusable(problem: string, remedy: string): SigningError {
  return new SigningError('SIGNING_KEY', problem, remedy);
}
