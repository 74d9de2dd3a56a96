import type { Readable } from 'node:stream';
import type { Digest, Registry, Repository } from '../image-reference.ts';
import { httpFailure } from '../http/http-failure.ts';
import { openDownload } from '../http/open-download.ts';
import type { ResponseRemedy } from '../http/response-remedy.ts';
import { isRetryable, retry, retryAfter, type RetryOptions, type Try } from '../http/retry.ts';
import { uploadStream } from '../http/upload-stream.ts';
import { blobRequest, LARGEST_ANSWER, noUpload, uploadUrl } from './blob-requests.ts';
import { failureError } from './registry-request.ts';
import { badAnswer, RegistryError } from './registry-error.ts';
import type { RegistrySession } from './registry-session.ts';

/** A blob as a manifest names it; `size` is in bytes. */
export interface BlobDescriptor {
  readonly digest: Digest;
  readonly size: number;
}

/** Where a blob is copied from. */
export interface BlobSource {
  /** A repository of the same registry, which then copies by itself. */
  readonly mount: Repository | undefined;
  readonly open: () => Promise<Readable>;
}

/** Milliseconds. A registry that has taken a blob of gigabytes may check it for minutes before it responds. */
const IDLE_TIMEOUT = 300_000;

const AT_SOURCE = 'have the image pushed again where it is copied from: what is there is damaged';

/** What to do when the registry got other bytes than the digest names. */
const OTHER_BYTES: ResponseRemedy = {
  status: /400/,
  says: /DIGEST_INVALID/,
  remedy: AT_SOURCE,
};

interface StreamOptions extends Pick<RetryOptions, 'sleep' | 'mostTries'> {
  readonly signal?: AbortSignal;
}

/** The requests that deal with blobs that are too large for memory, such as VM disks. */
export function blobStreams(session: RegistrySession, registry: Registry, options: StreamOptions) {
  const { signal } = options;

  async function hasBlob(repository: Repository, digest: Digest, scope: string) {
    const request = blobRequest('look up', registry, repository, digest, session.origin);
    const head = await session.send({ ...request, scope, method: 'HEAD', largestBody: 0 });
    return head.status === 200;
  }

  async function openBlob(
    repository: Repository,
    { digest, size }: BlobDescriptor,
  ): Promise<Readable> {
    const request = blobRequest('read', registry, repository, digest, session.origin);
    // Logs in where the registry wants that. Some registries refuse it, and the download decides.
    await hasBlob(repository, digest, request.scope);
    const authorization = await session.authorizationAt(request.url, request.scope);
    const download = { authorization, signal, idleTimeout: IDLE_TIMEOUT };
    const response = await openDownload(request.url, download).catch((error: unknown) => {
      signal?.throwIfAborted();
      const { reason } = httpFailure(error, 1);
      throw new Error(`${registry}, which it is copied from, can't be read: ${reason}`);
    });
    const { statusCode: status = 0, headers } = response;
    if (status === 200 && Number(headers['content-length'] ?? size) === size) return response;
    response.destroy();
    if (status !== 200) {
      const empty = { headers: new Headers(), bytes: Buffer.alloc(0), tries: 1 };
      throw session.errorOf(request, { ...empty, status, origin: session.origin.origin });
    }
    throw badAnswer(request.purpose, 'it has another size than its manifest says', AT_SOURCE);
  }

  /** Sends a blob once; the response says whether the registry has it. */
  async function send(repository: Repository, { digest, size }: BlobDescriptor, from: BlobSource) {
    const { mount, open } = from;
    const mounted = mount === undefined ? '' : ` repository:${mount}:pull`;
    const scope = `repository:${repository}:pull,push${mounted}`;
    const write = blobRequest('write', registry, repository, digest, session.origin);
    const request = { ...write, scope, largestBody: LARGEST_ANSWER, remedies: [OTHER_BYTES] };
    const start = new URL(`/v2/${repository}/blobs/uploads/`, session.origin);
    if (mount !== undefined)
      start.search = new URLSearchParams({ mount: digest, from: mount }).toString();
    const started = await session.send({ ...request, url: start, method: 'POST' });
    if (started.status === 201) return { request, response: started };
    if (started.status !== 202) throw session.errorOf(request, started);
    const url = uploadUrl(started, start, digest);
    if (url === undefined) throw noUpload(request.purpose);
    const authorization = await session.authorizationAt(url, scope);
    const body = await open();
    const idle = { signal, idleTimeout: IDLE_TIMEOUT };
    const response = await uploadStream(url, body, { size, authorization, ...idle });
    return { request, response: { ...response, tries: 1 } };
  }

  /** Gives the registry a blob that it does not have. */
  async function copyBlob(repository: Repository, blob: BlobDescriptor, from: BlobSource) {
    const push = `repository:${repository}:pull,push`;
    const purpose = `write the blob ${registry}/${repository}@${blob.digest}`;
    const { failure } = await retry(async (tries): Promise<Try & { failure?: RegistryError }> => {
      signal?.throwIfAborted();
      if (await hasBlob(repository, blob.digest, push)) return { isFinal: true };
      try {
        const { request, response } = await send(repository, blob, from);
        if (response.status >= 200 && response.status <= 299) return { isFinal: true };
        const isFinal = !isRetryable(response) && response.status !== 404;
        const refusal = session.errorOf(request, response);
        return { isFinal, retryAfter: retryAfter(response), failure: refusal };
      } catch (error) {
        signal?.throwIfAborted();
        // What a session throws has been tried again already.
        if (error instanceof RegistryError) return { isFinal: true, failure: error };
        const failed = httpFailure(error, tries);
        const unreachable = failureError({ purpose, url: session.origin }, failed);
        return { isFinal: failed.failure !== 'unreachable', failure: unreachable };
      }
    }, options);
    if (failure !== undefined) throw failure;
  }

  return { openBlob, copyBlob };
}
