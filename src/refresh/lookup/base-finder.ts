import pLimit from 'p-limit';
import type { Registry } from '../../image-reference.ts';
import type { KeptReason } from '../edits.ts';
import type { FindBases, FoundBase, WantedBase } from '../refresh-bases.ts';
import { imagesOf } from '../../registry/image-source.ts';
import { manifestPlatforms } from '../../registry/manifest.ts';
import { findManifest, type RegistryClient } from '../../registry/registry-client.ts';
import { RegistryError, type RegistryErrorCode } from '../../registry/registry-error.ts';

type Client = Pick<RegistryClient, 'headManifest' | 'getManifest' | 'getBlob'>;

/** Requests to one registry at the same time. */
const AT_ONCE = 4;

/** Errors that the next request to the same registry would meet as well, after all retries. */
const LASTING: readonly RegistryErrorCode[] = [
  'REGISTRY_UNREACHABLE',
  'REGISTRY_RATE_LIMITED',
  'DOCKER_CONFIG',
];

/**
 * Looks up the present digests of tags, in all registries at the same time. A base that has not moved
 * takes one HEAD, which Docker Hub does not count as a pull. Of any other base, and of one for several platforms, the manifest is read, and
 * must be that of its digest; of what is copied, those of its pins, too. A registry that can't be reached, or limits the rate, gets no further
 * requests.
 */
export function baseFinder(connect: (registry: Registry) => Promise<Client>): FindBases {
  return async (wanted) => {
    const byRegistry = Map.groupBy(wanted, ({ reference }) => reference.registry);
    const found = await Promise.all(
      [...byRegistry].map(([registry, bases]) => findInRegistry(() => connect(registry), bases)),
    );
    return new Map(found.flat());
  };
}

function findInRegistry(
  connect: () => Promise<Client>,
  bases: readonly WantedBase[],
): Promise<[string, FoundBase][]> {
  const limit = pLimit(AT_ONCE);
  let lasting: RegistryError | undefined;
  const find = async (base: WantedBase): Promise<[string, FoundBase]> => {
    if (lasting !== undefined) return [base.name, { failure: notTried(base, lasting) }];
    try {
      return [base.name, await findBase(await connect(), base)];
    } catch (error) {
      if (!(error instanceof RegistryError)) throw error;
      if (LASTING.includes(error.code)) lasting = error;
      const { code, problem, remedy } = error;
      return [base.name, { failure: { code, problem, remedy } }];
    }
  };
  return Promise.all(bases.map((base) => limit(find, base)));
}

async function findBase(client: Client, base: WantedBase): Promise<FoundBase> {
  const { name, reference, pins, isForSeveral, isCopied } = base;
  const { repository, tag } = reference;
  const newest = await findManifest(client, repository, tag);
  if (newest === undefined) return missing(name);
  const { digest } = newest;
  if (!isForSeveral && pins.every((pin) => pin === digest)) return { digest, platforms: [] };
  // The tag may have moved since: the digest counts.
  const manifest = await client.getManifest(repository, digest);
  if (manifest === undefined) return missing(`${name}@${digest}`);
  const platforms = await manifestPlatforms(manifest, repository, client);
  if (!isCopied) return { digest, platforms };
  const pinned = new Set(pins.filter((pin) => pin !== undefined));
  const images = [...pinned.add(digest)].map(async (pin) => {
    const named = pin === digest ? manifest : await client.getManifest(repository, pin);
    return [pin, named ? await imagesOf({ client, repository }, named) : {}] as const;
  });
  return { digest, platforms, images: new Map(await Promise.all(images)) };
}

function notTried({ name }: WantedBase, { code, problem, remedy }: RegistryError): KeptReason {
  return { code, problem: `${name} was not tried, since another failed: ${problem}`, remedy };
}

function missing(name: string): FoundBase {
  return {
    failure: {
      code: 'BASE_MISSING',
      problem: `the registry has no ${name}`,
      remedy: 'check the name, or follow another tag: this one may have been retired',
    },
  };
}
