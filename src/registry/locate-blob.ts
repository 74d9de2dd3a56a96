import type { Digest, Repository } from '../image-reference.ts';
import {
  registrySession,
  type AuthorizationCache,
  type SessionOptions,
} from './registry-session.ts';

/** Where a blob is, and the header that lets one have it, for those that are too large to hold. */
export interface BlobPlace {
  readonly url: string;
  /** The Authorization header; absent where the registry wants none. */
  readonly authorization?: string;
}

/** Asks a registry for a blob's place; `undefined` when it has none. Throws a RegistryError. */
export async function locateBlob(
  options: Omit<SessionOptions, 'authorizations'>,
  repository: Repository,
  digest: Digest,
): Promise<BlobPlace | undefined> {
  const authorizations: AuthorizationCache = new Map();
  const session = registrySession({ ...options, authorizations });
  const url = new URL(`/v2/${repository}/blobs/${digest}`, session.origin);
  const scope = `repository:${repository}:pull`;
  const purpose = `look up the blob ${options.registry}/${repository}@${digest}`;
  const response = await session.send({ method: 'HEAD', url, scope, purpose, largestBody: 0 });
  if (response.status === 404) return undefined;
  if (response.status !== 200) throw session.errorOf({ purpose }, response);
  const authorization = await authorizations.get(scope);
  return { url: url.href, authorization };
}
