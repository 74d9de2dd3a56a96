import type { Registry } from '../../image-reference.ts';
import type { FoundBase, LookUpBases, LookUpFailure, WantedBase } from '../refresh-bases.ts';
import { manifestPlatforms } from '../../registry/manifest.ts';
import type { RegistryClient } from '../../registry/registry-client.ts';
import { RegistryError, type RegistryErrorCode } from '../../registry/registry-error.ts';

type Client = Pick<RegistryClient, 'headManifest' | 'getManifest' | 'getBlob'>;

/** Of one registry. */
const AT_ONCE = 4;

/** What the next question to the same registry would meet as well, after all the waiting of this one. */
const LASTING: readonly RegistryErrorCode[] = [
  'REGISTRY_UNREACHABLE',
  'REGISTRY_RATE_LIMITED',
  'DOCKER_CONFIG',
];

/**
 * Asks registries what tags name now, all registries at the same time. A base that has not moved takes
 * one HEAD, which Docker Hub counts as no pull; of another one the manifest is read, and must be what
 * its digest says. A registry that can't be reached, or has had enough, is not asked for the others.
 */
export function baseFinder(connect: (registry: Registry) => Promise<Client>): LookUpBases {
  return async (wanted) => {
    const byRegistry = Map.groupBy(wanted, ({ reference }) => reference.registry);
    const found = await Promise.all(
      [...byRegistry].map(([registry, bases]) => findInRegistry(() => connect(registry), bases)),
    );
    return new Map(found.flat());
  };
}

async function findInRegistry(
  connect: () => Promise<Client>,
  bases: readonly WantedBase[],
): Promise<readonly (readonly [string, FoundBase])[]> {
  const found: (readonly [string, FoundBase])[] = [];
  let lasting: RegistryError | undefined;
  for (let start = 0; start < bases.length; start += AT_ONCE) {
    const some = bases.slice(start, start + AT_ONCE);
    const answers = some.map(async (base): Promise<readonly [string, FoundBase]> => {
      if (lasting !== undefined) return [base.name, { failure: notTried(base, lasting) }];
      try {
        return [base.name, await findBase(await connect(), base)];
      } catch (error) {
        if (!(error instanceof RegistryError)) throw error;
        if (LASTING.includes(error.code)) lasting = error;
        const { code, problem, remedy } = error;
        return [base.name, { failure: { code, problem, remedy } }];
      }
    });
    found.push(...(await Promise.all(answers)));
  }
  return found;
}

async function findBase(client: Client, { name, reference, pins }: WantedBase): Promise<FoundBase> {
  const { repository, tag } = reference;
  const newest = await client.headManifest(repository, tag);
  if (newest === undefined) return missing(name);
  const { digest } = newest;
  if (pins.every((pin) => pin === digest)) return { digest, platforms: [] };
  // By digest: the tag may have moved on since.
  const manifest = await client.getManifest(repository, digest);
  if (manifest === undefined) return missing(`${name}@${digest}`);
  return { digest, platforms: await manifestPlatforms(manifest, repository, client) };
}

function notTried({ name }: WantedBase, { code, problem, remedy }: RegistryError): LookUpFailure {
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
