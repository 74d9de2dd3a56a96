import { join } from 'node:path';
import { TrustedRoot } from '@sigstore/protobuf-specs';
import { rootCause } from '../http/failure-causes.ts';
import { throughProxy } from '../http/proxies.ts';
import { parseJson } from '../json.ts';
import { SigningError } from './signing-error.ts';

/** Milliseconds for each file of the public root. */
const TIMEOUT = 30_000;

/** Parses a `trusted_root.json` of Sigstore; `file` is for messages. Throws a SigningError. */
export function parseTrustedRoot(text: string, file: string): TrustedRoot {
  const json = parseJson(text);
  try {
    const root = TrustedRoot.fromJSON(json);
    if (root.certificateAuthorities.length > 0 && root.tlogs.length > 0) return root;
  } catch {
    // The error is the same as for a root that lacks something.
  }
  throw new SigningError(
    'TRUSTED_ROOT',
    `${file} is no trusted root with a Fulcio and a Rekor`,
    'take the trusted_root.json of your Sigstore, or make one with `cosign trusted-root create`',
  );
}

/** The root of the public Sigstore, checked by TUF, and kept in a cache folder. Throws a SigningError. */
export async function publicTrustedRoot(cache: string): Promise<TrustedRoot> {
  const { DEFAULT_MIRROR_URL, getTrustedRoot } = await import('@sigstore/tuf');
  try {
    return await throughProxy(new URL(DEFAULT_MIRROR_URL), () =>
      getTrustedRoot({ cachePath: join(cache, 'sigstore'), timeout: TIMEOUT, retry: 2 }),
    );
  } catch (error) {
    const message = error instanceof Error ? rootCause(error).message : String(error);
    throw new SigningError(
      'SIGNING_UNREACHABLE',
      `could not read the trusted root of the public Sigstore: ${message}`,
      `let this machine reach ${DEFAULT_MIRROR_URL}, or set signingTrustedRoot`,
    );
  }
}
