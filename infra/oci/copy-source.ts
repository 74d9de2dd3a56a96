import pLimit from 'p-limit';
import { parseImageReference, type Digest } from '../../src/image-reference.ts';
import { copyImage, copyReferrers, type RepositoryPlace } from '../../src/registry/copy-image.ts';
import { readSource } from '../../src/registry/image-source.ts';
import { RegistryError, type RegistryErrorCode } from '../../src/registry/registry-error.ts';
import type { Connect } from './connect.ts';
import { parsed, readProperty } from './protocol/read-property.ts';
import { UNKNOWN, type Call, type Properties } from './protocol/resource-type.ts';

/** What a publication has of an image that was built elsewhere. */
interface Copied {
  /** Platform → digest. */
  readonly members: Readonly<Record<string, Digest>>;
  /** Platform → the digests of the attestations that the source's index names. */
  readonly attested: Readonly<Record<string, readonly Digest[]>>;
}

/** Copies the images of these platforms from the reference in the input `from`. Throws a RegistryError. */
export type CopySource = (
  to: RepositoryPlace,
  inputs: Properties,
  platforms: readonly string[],
  call: Pick<Call, 'log' | 'signal'> & { readonly preview: boolean },
) => Promise<Copied | { readonly members: typeof UNKNOWN }>;

/** Blobs that are copied at a time, of all images. */
const BLOBS_AT_ONCE = 4;

/** Why a preview, which may have another account than the run, does not read the source. */
const UNREADABLE: readonly RegistryErrorCode[] = [
  'REGISTRY_UNREACHABLE',
  'REGISTRY_UNAUTHORIZED',
  'REGISTRY_DENIED',
  'REGISTRY_RATE_LIMITED',
  'DOCKER_CONFIG',
];

/**
 * Each image comes with what its index and its registry attest of it. A preview only reads, and warns of a source that it
 * can't read. A run that fails leaves images without a tag, which the next run goes on from.
 */
export function sourceCopier(connect: Connect): CopySource {
  const limit = pLimit(BLOBS_AT_ONCE);
  return async (to, inputs, platforms, { log, preview, signal }) => {
    const source = readProperty(inputs, 'from', parsed(parsePinned));
    try {
      const from = { ...source, client: await connect(source.registry, signal, 'reads') };
      const images = await readSource(from, source.digest, platforms);
      for (const { digest, attestations } of preview ? [] : images) {
        for (const each of [digest, ...attestations]) await copyImage(from, to, each, limit);
        await copyReferrers(from, to, digest, limit);
      }
      const attested = images.filter(({ attestations }) => attestations.length > 0);
      return {
        members: Object.fromEntries(images.map(({ platform, digest }) => [platform, digest])),
        attested: Object.fromEntries(
          attested.map(({ platform, attestations }) => [platform, attestations]),
        ),
      };
    } catch (error) {
      const isUnread = error instanceof RegistryError && UNREADABLE.includes(error.code);
      if (!preview || !isUnread) throw error;
      log('warning', `what is to be copied is not checked: ${error.message}`);
      return { members: UNKNOWN };
    }
  };
}

function parsePinned(text: string) {
  const reference = parseImageReference(text);
  return reference?.digest && { ...reference, digest: reference.digest };
}
