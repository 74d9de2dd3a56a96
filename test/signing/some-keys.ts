import { generateKeyPairSync } from 'node:crypto';
import type { KeySigner } from '../../src/settings/signers.ts';

/** A new P-256 key as `openssl genpkey` writes it, and the signer that it makes. */
export function newKey(passphrase?: string): { readonly pem: string; readonly signer: KeySigner } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const encryption = passphrase === undefined ? {} : { cipher: 'aes-256-cbc', passphrase };
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem', ...encryption }).toString();
  return {
    pem,
    signer: { publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString().trim() },
  };
}
