import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { readTextFile, writeIfChanged } from './text-file.ts';

/** What the stack signs with, and accepts. */
export interface SandboxKey {
  /** An absolute path: pipelines run in a clone. */
  readonly file: string;
  /** PEM. */
  readonly publicKey: string;
}

/** The key in the sandbox's folder, made anew where there is none. It signs for this machine only, and has no passphrase. */
export function signingKey(folder: string): SandboxKey {
  const file = join(folder, 'signing.key');
  const known = publicKeyOf(readTextFile(file) ?? '');
  if (known !== undefined) return { file, publicKey: known };
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  writeIfChanged(file, pem);
  chmodSync(file, 0o600);
  return { file, publicKey: publicKeyOf(pem) ?? '' };
}

function publicKeyOf(pem: string): string | undefined {
  try {
    return createPublicKey(pem).export({ type: 'spki', format: 'pem' }).toString().trim();
  } catch {
    return undefined;
  }
}
