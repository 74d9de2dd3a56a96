import type { Digest, Registry, Repository } from '../image-reference.ts';
import type { HttpResponse } from '../http/fetch-with-retry.ts';
import { digestOf } from './manifest.ts';
import { badAnswer, type RegistryError } from './registry-error.ts';
import {
  registrySession,
  type AuthorizationCache,
  type RegistrySession,
  type SessionOptions,
} from './registry-session.ts';

/** In bytes; of the blobs that are read, image configurations have a few thousand, and package lists up to a million. */
const LARGEST_BLOB = 10_000_000;

/** Bytes of a response without content that is needed. */
export const LARGEST_ANSWER = 65_536;

/** What to do about a blob that is not what its name says. */
const DAMAGED =
  'its storage or something between is damaged: delete the image, and have it built or pushed again';

export function blobRequest(
  verb: string,
  registry: Registry,
  repository: Repository,
  digest: Digest,
  origin: URL,
) {
  return {
    url: new URL(`/v2/${repository}/blobs/${digest}`, origin),
    scope: `repository:${repository}:pull`,
    purpose: `${verb} the blob ${registry}/${repository}@${digest}`,
  };
}

/** The requests that deal with small blobs (OCI distribution spec, "Pulling blobs", "POST then PUT"). */
export function blobRequests(session: RegistrySession, registry: Registry) {
  async function getBlob(repository: Repository, digest: Digest) {
    const request = blobRequest('read', registry, repository, digest, session.origin);
    const response = await session.find({ ...request, largestBody: LARGEST_BLOB });
    if (response === undefined) return undefined;
    if (digestOf(response.bytes) === digest) return response.bytes;
    throw badAnswer(request.purpose, 'the registry sent bytes of another digest', DAMAGED);
  }

  /** Whether one upload has stored the blob. False for one that the registry does not know of, such as after a retry. */
  async function upload(repository: Repository, digest: Digest, body: Uint8Array<ArrayBuffer>) {
    const request = {
      ...blobRequest('write', registry, repository, digest, session.origin),
      scope: `repository:${repository}:pull,push`,
      largestBody: LARGEST_ANSWER,
    };
    const start = new URL(`/v2/${repository}/blobs/uploads/`, session.origin);
    const started = await session.send({ ...request, url: start, method: 'POST' });
    if (started.status === 201) return true;
    if (started.status !== 202) throw session.errorOf(request, started);
    const url = uploadUrl(started, start, digest);
    if (url === undefined) throw noUpload(request.purpose);
    const headers = { 'content-type': 'application/octet-stream' };
    const stored = await session.send({ ...request, url, method: 'PUT', headers, body });
    if (stored.status >= 200 && stored.status <= 299) return true;
    // After an earlier try, the registry may have a part of the blob, or all: it then refuses the bytes.
    if (stored.status === 404 || (stored.tries > 1 && stored.status < 500)) return false;
    throw session.errorOf(request, stored);
  }

  async function putBlob(repository: Repository, bytes: Uint8Array): Promise<Digest> {
    const digest = digestOf(bytes);
    const lookup = blobRequest('look up', registry, repository, digest, session.origin);
    const body = new Uint8Array(bytes);
    for (let tries = 0; tries < 2; tries += 1) {
      const scope = `repository:${repository}:pull,push`;
      const head = await session.send({ ...lookup, scope, method: 'HEAD', largestBody: 0 });
      if (head.status === 200 || (await upload(repository, digest, body))) return digest;
    }
    throw noUpload(`write the blob ${registry}/${repository}@${digest}`);
  }

  return { getBlob, putBlob };
}

/** The error for an upload that the registry forgets. */
export function noUpload(purpose: string): RegistryError {
  const remedy =
    'have its operator check that all of its servers share their uploads, and the address that it has for itself';
  return badAnswer(purpose, 'the registry lost the upload that it had begun', remedy);
}

/**
 * Where the registry takes the bytes. The location may be relative, and may have a query that the registry has signed,
 * so nothing of it is written anew. A registry behind a proxy may take itself for one without TLS.
 */
export function uploadUrl({ headers }: HttpResponse, start: URL, digest: Digest): URL | undefined {
  const location = headers.get('location');
  const url = location === null ? null : URL.parse(location, start.href);
  if (url === null || !/^https?:$/.test(url.protocol)) return undefined;
  if (url.hostname === start.hostname && url.protocol !== start.protocol) {
    url.protocol = start.protocol;
    url.port = start.port;
  }
  url.hash = '';
  return new URL(`${url.href}${url.search === '' ? '?' : '&'}digest=${encodeURIComponent(digest)}`);
}

/**
 * The URL of a blob that is too large for memory, and the Authorization header for it, absent where the
 * registry wants none. `undefined` when the registry has no such blob. Throws a RegistryError. Where a registry
 * refuses HEAD, a GET of one byte decides.
 */
export async function locateBlob(
  options: Omit<SessionOptions, 'authorizations'>,
  repository: Repository,
  digest: Digest,
): Promise<{ readonly url: string; readonly authorization?: string } | undefined> {
  const authorizations: AuthorizationCache = new Map();
  const session = registrySession({ ...options, authorizations });
  const request = blobRequest('look up', options.registry, repository, digest, session.origin);
  const head = await session.send({ ...request, method: 'HEAD', largestBody: 0 });
  if (head.status !== 200) {
    const headers = { range: 'bytes=0-0' };
    const first = await session.send({ ...request, headers, largestBody: 1, mayBeCut: true });
    if (first.status === 404) return undefined;
    if (![200, 206].includes(first.status)) throw session.errorOf(request, first);
  }
  return { url: request.url.href, authorization: await authorizations.get(request.scope) };
}
