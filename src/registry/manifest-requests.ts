import {
  parseDigest,
  type Digest,
  type Registry,
  type Repository,
  type Tag,
} from '../image-reference.ts';
import type { HttpResponse } from '../http/fetch-with-retry.ts';
import type { ResponseRemedy } from '../http/response-remedy.ts';
import { isRetryable } from '../http/retry.ts';
import {
  digestOf,
  isIndex,
  LARGEST_MANIFEST,
  MANIFEST_MEDIA_TYPES,
  mediaTypeOf,
  type Manifest,
} from './manifest.ts';
import { parseJson } from '../json.ts';
import { errorCodes } from './registry-request.ts';
import { badAnswer, type RegistryError } from './registry-error.ts';
import type { RegistrySession, SessionRequest } from './registry-session.ts';

const ACCEPT = { accept: MANIFEST_MEDIA_TYPES.join(', ') };

/** distribution 2.8, which deletes by digest only, has an error for a tag that is no digest. */
const TAG_UNSUPPORTED = ['UNSUPPORTED', 'DIGEST_INVALID'];

const TAKE_INDEXES =
  'have the operator update the registry to one that takes OCI image indexes, as distribution does since 2.7';

/** What to do about a registry that is older than the format of indexes. */
const INDEX_REMEDIES: readonly ResponseRemedy[] = [
  { status: /415/, remedy: TAKE_INDEXES },
  {
    status: /400|405|422/,
    says: /MANIFEST_INVALID|UNSUPPORTED|(?:media|content)[ _-]?type/i,
    remedy: TAKE_INDEXES,
  },
];

/** How a removal ended. */
export type Removal = 'removed' | 'gone' | 'unsupported';

/** The requests that deal with manifests (OCI distribution spec, "Pulling", "Pushing", "Deleting"). */
export function manifestRequests(session: RegistrySession, registry: Registry) {
  function request(
    verb: string,
    repository: Repository,
    reference: Tag | Digest,
    actions: string,
  ): SessionRequest {
    const mark = parseDigest(reference) === undefined ? ':' : '@';
    return {
      url: new URL(`/v2/${repository}/manifests/${reference}`, session.origin),
      scope: `repository:${repository}:${actions}`,
      purpose: `${verb} ${registry}/${repository}${mark}${reference}`,
      largestBody: LARGEST_MANIFEST,
    };
  }

  async function getManifest(repository: Repository, reference: Tag | Digest) {
    const target = request('read', repository, reference, 'pull');
    const response = await session.find({ ...target, headers: ACCEPT });
    if (response === undefined) return undefined;
    const { bytes } = response;
    const mediaType = statedMediaType(response) ?? mediaTypeOf(bytes);
    if (isSchema1(mediaType)) throw schema1(target);
    if (typeof parseJson(bytes) !== 'object') throw noManifest(target);
    const digest = digestOf(bytes);
    for (const claimed of [statedDigest(target, response), parseDigest(reference)]) {
      if ((claimed ?? digest) !== digest) throw otherDigest(target, claimed, digest);
    }
    return { digest, mediaType, bytes };
  }

  async function headManifest(repository: Repository, reference: Tag | Digest) {
    const target = request('look up', repository, reference, 'pull');
    const response = await session.send({ ...target, method: 'HEAD', headers: ACCEPT });
    if (response.status === 404) return undefined;
    if (isRetryable(response)) throw session.errorOf(target, response);
    const isFound = response.status === 200;
    const digest = isFound ? statedDigest(target, response) : undefined;
    const size = Number(response.headers.get('content-length') ?? 0);
    const mediaType = statedMediaType(response);
    if (digest === undefined || size === 0 || mediaType === undefined) {
      // The headers are only a "SHOULD" of the spec. Some registries refuse every HEAD, with any status, or redirect
      // to an address that is signed for GET.
      const manifest = await getManifest(repository, reference);
      if (manifest === undefined) return undefined;
      const { bytes, ...named } = manifest;
      return { ...named, size: bytes.byteLength };
    }
    if (isSchema1(mediaType)) throw schema1(target);
    const claimed = parseDigest(reference) ?? digest;
    if (claimed !== digest) throw otherDigest(target, claimed, digest);
    return { digest, mediaType, size };
  }

  async function write(
    repository: Repository,
    reference: Tag | Digest,
    { mediaType, bytes }: Pick<Manifest, 'mediaType' | 'bytes'>,
  ) {
    const remedies = isIndex({ mediaType }) ? INDEX_REMEDIES : [];
    const target = { ...request('write', repository, reference, 'pull,push'), remedies };
    const headers = { 'content-type': mediaType };
    const body = new Uint8Array(bytes);
    const response = await session.send({ ...target, method: 'PUT', headers, body });
    if (response.status !== 201) throw session.errorOf(target, response);
    const digest = digestOf(bytes);
    const stored = statedDigest(target, response) ?? digest;
    if (stored !== digest) throw otherDigest(target, digest, stored);
    return { digest, response };
  }

  async function remove(target: SessionRequest, cannot: readonly string[]): Promise<Removal> {
    const response = await session.send({ ...target, method: 'DELETE' });
    if (response.status === 404) return 'gone';
    if (response.status === 405 || errorCodes(response).some((code) => cannot.includes(code))) {
      return 'unsupported';
    }
    if (response.status < 200 || response.status > 299) throw session.errorOf(target, response);
    return 'removed';
  }

  return {
    headManifest,
    getManifest,
    async putManifest(
      repository: Repository,
      reference: Tag | Digest,
      manifest: Pick<Manifest, 'mediaType' | 'bytes'>,
    ) {
      return (await write(repository, reference, manifest)).digest;
    },
    async putReferrer(repository: Repository, manifest: Manifest) {
      const { response } = await write(repository, manifest.digest, manifest);
      return response.headers.has('oci-subject');
    },
    deleteTag: (repository: Repository, tag: Tag) =>
      remove(request('remove the tag', repository, tag, 'delete'), TAG_UNSUPPORTED),
    deleteManifest: (repository: Repository, digest: Digest) =>
      remove(request('delete', repository, digest, 'delete'), ['UNSUPPORTED']),
  };
}

/** The media type of a manifest that the registry states; `undefined` for a generic one, such as application/json. */
function statedMediaType({ headers }: HttpResponse): string | undefined {
  const [type = ''] = (headers.get('content-type') ?? '').toLowerCase().split(/[;,]/);
  return /^application\/vnd\.(?:oci|docker)\./.test(type.trim()) ? type.trim() : undefined;
}

/** Signed manifests of Docker's first format, of which the digest is not that of the bytes. */
function isSchema1(mediaType: string): boolean {
  return mediaType.startsWith('application/vnd.docker.distribution.manifest.v1+');
}

function schema1({ purpose }: SessionRequest): RegistryError {
  const why = 'it is an image of schema 1, which Docker does not pull any more';
  return badAnswer(purpose, why, 'use a tag that was pushed with a Docker of today');
}

/** What answers in place of a registry, such as the page on which a network wants its users to log in. */
function noManifest({ purpose }: SessionRequest): RegistryError {
  const remedy = 'check the address, and that no proxy answers in place of the registry';
  return badAnswer(purpose, 'what came is no manifest', remedy);
}

function statedDigest({ purpose }: SessionRequest, { headers }: HttpResponse): Digest | undefined {
  const text = headers.get('docker-content-digest');
  const digest = parseDigest(text ?? '');
  if (text === null || digest !== undefined) return digest;
  const why = `the registry named a digest that is none: ${JSON.stringify(text.slice(0, 100))}`;
  throw badAnswer(purpose, why, 'use a registry that names manifests by sha256');
}

function otherDigest({ purpose }: SessionRequest, expected: Digest | undefined, found: Digest) {
  const remedy =
    'its storage or something between is damaged: trust no image from it until that is repaired';
  return badAnswer(purpose, `expected ${expected}, the registry has ${found}`, remedy);
}
