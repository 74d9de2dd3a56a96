import { isDeepStrictEqual } from 'node:util';
import pLimit from 'p-limit';
import {
  isImmutable,
  parseDigest,
  parseImageReference,
  parseTag,
  type Digest,
  type Tag,
} from '../../src/image-reference.ts';
import {
  copyImage,
  copyReferrers,
  isCopied,
  type RepositoryPlace,
} from '../../src/registry/copy-image.ts';
import type { RegistryClient } from '../../src/registry/registry-client.ts';
import { isRefusal, RegistryError } from '../../src/registry/registry-error.ts';
import type { Connect } from './connect.ts';
import {
  listOf,
  parsed,
  readOptional,
  readProperty,
  recordOf,
  text,
} from './protocol/read-property.ts';
import {
  containsUnknown,
  type Call,
  type Properties,
  type ResourceType,
} from './protocol/resource-type.ts';
import { findDigest, openRepository, pointTag } from './tagged-place.ts';

/** Blobs that are copied at a time, of all images to all mirrors. */
const BLOBS_AT_ONCE = 4;

/**
 * `oci:index:Mirror`: copies of one image in other registries, by the digests that its tags name: its index with all
 * members and with what refers to it, and then the tags. Nothing is removed from a mirror.
 *
 * A mirror that fails fails the resource after the other mirrors are done. The next run asks each mirror what it has
 * before it copies anything. A refresh leaves out of the inputs a mirror that lacks something or does not answer: the
 * next run then sees a difference from the program, and copies or reports.
 */
export function mirrorType(connect: Connect): ResourceType {
  const limit = pLimit(BLOBS_AT_ONCE);

  async function open(mirror: string, signal: AbortSignal): Promise<RepositoryPlace> {
    const { registry, repository } = placeOf(mirror);
    return { registry, repository, client: await connect(registry, signal) };
  }

  async function copy(inputs: Properties, mirror: string, signal: AbortSignal): Promise<void> {
    const tags = tagsOf(inputs);
    const from = await openRepository(connect, inputs, signal);
    const to = await open(mirror, signal);
    const content = { ...to, client: forNewRepository(to.client) };
    for (const [tag, digest] of tags.filter(([name]) => isImmutable(name))) {
      await expectFree(mirror, content, tag, digest);
    }
    for (const digest of new Set(tags.map(([, named]) => named))) {
      await copyImage(from, content, digest, limit);
      // The repository is there now: a tag that can't be read may be one that others rely on.
      await copyReferrers(from, to, digest, limit);
    }
    for (const [tag, digest] of tags) {
      if (await expectFree(mirror, to, tag, digest)) continue;
      await pointTag(to.client, to.repository, tag, digest);
    }
  }

  async function copyAll(inputs: Properties, { log, signal }: Pick<Call, 'log' | 'signal'>) {
    const mirrors = mirrorsOf(inputs);
    const results = await Promise.allSettled(mirrors.map((each) => copy(inputs, each, signal)));
    const errors = results.flatMap((result, at) =>
      result.status === 'rejected' ? [ofMirror(mirrors[at] ?? '', result.reason)] : [],
    );
    signal.throwIfAborted();
    for (const error of errors.slice(1)) log('error', error.message);
    if (errors[0] !== undefined) throw errors[0];
  }

  async function hasAll(inputs: Properties, mirror: string, signal: AbortSignal) {
    const { client, repository } = await open(mirror, signal);
    const tags = tagsOf(inputs);
    for (const [tag, digest] of tags) {
      if ((await findDigest(client, repository, tag)) !== digest) return false;
    }
    for (const digest of new Set(tags.map(([, named]) => named))) {
      if (!(await isCopied({ client, repository }, digest))) return false;
    }
    const signature = parseDigest(readOptional(inputs, 'signature', text) ?? '');
    return signature === undefined || (await isCopied({ client, repository }, signature));
  }

  return {
    diff({ oldInputs, news }) {
      const names = ['registry', 'repository', 'mirrors', 'signature'];
      const changed = names.filter((name) => !isDeepStrictEqual(oldInputs[name], news[name]));
      return { changed: addsTags(oldInputs, news) ? [...changed, 'tags'] : changed };
    },

    async create({ inputs, preview, ...call }) {
      if (!preview) await copyAll(inputs, call);
      const { registry, repository } = await openRepository(connect, inputs, call.signal);
      return { id: `${registry}/${repository}`, outputs: inputs };
    },

    async read({ inputs, outputs, signal }) {
      const checked = mirrorsOf(inputs).map(async (mirror) => {
        try {
          return (await hasAll(inputs, mirror, signal)) ? [mirror] : [];
        } catch (error) {
          // It may be away, and the other mirrors and images are not.
          if (error instanceof RegistryError) return [];
          throw error;
        }
      });
      const mirrors = (await Promise.all(checked)).flat();
      return { inputs: { ...inputs, mirrors }, outputs };
    },

    async update({ news, preview, ...call }) {
      if (!preview) await copyAll(news, call);
      return news;
    },
  };
}

/** Whether a tag is new, or names another digest. An image whose publication failed in this run has fewer. */
function addsTags({ tags: olds }: Properties, { tags: news }: Properties): boolean {
  if (containsUnknown(news)) return true;
  const before = tagsOf({ tags: olds ?? {} });
  const known = new Map(before);
  return tagsOf({ tags: news ?? {} }).some(([tag, digest]) => known.get(tag) !== digest);
}

/** Immutable tags before aliases: an alias goes to what has its own tag. */
function tagsOf(properties: Properties): readonly (readonly [Tag, Digest])[] {
  const tags = Object.entries(readProperty(properties, 'tags', recordOf(parsed(parseDigest))));
  return tags
    .map(([name, digest]) => [readProperty({ name }, 'name', parsed(parseTag)), digest] as const)
    .sort(([a], [b]) => Number(isImmutable(b)) - Number(isImmutable(a)));
}

function mirrorsOf(inputs: Properties): readonly string[] {
  return readProperty(inputs, 'mirrors', listOf(text));
}

function placeOf(mirror: string) {
  return readProperty({ mirror }, 'mirror', parsed(parseImageReference));
}

/**
 * A client to which what may not be read is not there: some registries deny access to a repository that comes into being
 * with the first push. For content, which is the same by the same digest.
 */
function forNewRepository(client: RegistryClient): RegistryClient {
  const orMissing = async <Found>(lookup: Promise<Found>) => {
    try {
      return await lookup;
    } catch (error) {
      if (isRefusal(error)) return undefined;
      throw error;
    }
  };
  return {
    ...client,
    headManifest: (...place) => orMissing(client.headManifest(...place)),
    getManifest: (...place) => orMissing(client.getManifest(...place)),
  };
}

/** Whether a tag names the digest already. Throws TAG_OVERWRITTEN for an immutable one that names another. */
async function expectFree(
  mirror: string,
  { client, repository }: RepositoryPlace,
  tag: Tag,
  digest: Digest,
): Promise<boolean> {
  const found = await findDigest(client, repository, tag);
  if (found === undefined || found === digest || !isImmutable(tag)) return found === digest;
  throw new RegistryError(
    'TAG_OVERWRITTEN',
    `${mirror}:${tag} names ${found}, and not ${digest}, which this tag stands for`,
    `delete ${found} there if nobody needs it, or choose another path in the setting \`mirrors\``,
  );
}

function ofMirror(mirror: string, error: unknown): Error {
  if (!(error instanceof RegistryError)) {
    return error instanceof Error ? error : new Error(String(error));
  }
  const problem = `the mirror ${mirror} is not up to date: ${error.problem}`;
  return new RegistryError(error.code, problem, error.remedy, error);
}
