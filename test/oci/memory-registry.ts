import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { Digest, Repository, Tag } from '../../src/image-reference.ts';
import { digestOf, type Manifest } from '../../src/registry/manifest.ts';
import { parseJson } from '../../src/json.ts';
import { ReferrerList } from '../../src/registry/referrers.ts';
import type { RegistryClient } from '../../src/registry/registry-client.ts';
import type { Removal } from '../../src/registry/manifest-requests.ts';
import {
  HiddenRepositoryError,
  RegistryError,
  type RegistryErrorCode,
} from '../../src/registry/registry-error.ts';
import type { Connect } from '../../infra/oci/connect.ts';

/** A registry with one repository in memory, which writes down what is done to it. */
export interface MemoryRegistry {
  readonly connect: Connect;
  readonly tags: Map<string, Digest>;
  readonly manifests: Map<Digest, Manifest>;
  /** Requests that change something, such as `put latest`. */
  readonly writes: string[];
  /** Requests that change nothing, such as `get latest`. */
  readonly reads: string[];
  /** Adds a manifest, or an index (`{"manifests": ...}`), under a tag where one is given. */
  push(content: string, tag?: string): Digest;
  /** Adds an image with labels. */
  pushImage(labels: Readonly<Record<string, string>>, tag?: string): Digest;
  /** Removes a manifest with all of its tags. */
  lose(digest: Digest): void;
  /** Has the registry send other bytes for a blob, which a client refuses. */
  damage(digest: Digest): void;
}

interface MemoryRegistryOptions {
  /** What comes of a request to remove a tag; `deletes`: the manifest goes with it. */
  readonly removal?: Removal | 'deletes';
  /** The names of its images; absent when it lists none. */
  readonly listed?: string[] | undefined;
  /** Whether it lists all manifests, as Google's registries do. */
  readonly listsManifests?: boolean;
  /** Whether it lists what refers to a manifest. */
  readonly listsReferrers?: boolean;
  /** Its clock; absent when it states no time. */
  readonly clock?: () => Date;
}

const INDEX = 'application/vnd.oci.image.index.v1+json';

export function memoryRegistry({
  removal = 'removed',
  listed = [],
  listsManifests = false,
  listsReferrers = true,
  clock,
}: MemoryRegistryOptions = {}): MemoryRegistry {
  const tags = new Map<string, Digest>();
  const manifests = new Map<Digest, Manifest>();
  const blobs = new Map<Digest, Uint8Array>();
  const damaged = new Set<Digest>();
  const writes: string[] = [];
  const reads: string[] = [];
  const find = (reference: Tag | Digest): Manifest | undefined =>
    manifests.get(tags.get(reference) ?? (reference as Digest));

  function push(content: string, tag?: string): Digest {
    const bytes = new TextEncoder().encode(content);
    const digest = digestOf(bytes);
    const mediaType = /^\{[^[{]*"manifests"/.test(content) ? INDEX : 'application/test';
    manifests.set(digest, { digest, mediaType, bytes });
    if (tag !== undefined) tags.set(tag, digest);
    return digest;
  }

  function pushImage(labels: Readonly<Record<string, string>>, tag?: string): Digest {
    const bytes = new TextEncoder().encode(JSON.stringify({ config: { Labels: labels } }));
    const digest = digestOf(bytes);
    blobs.set(digest, bytes);
    return push(JSON.stringify({ config: { digest }, layers: [] }), tag);
  }

  function lose(digest: Digest): void {
    manifests.delete(digest);
    for (const [tag, target] of tags) if (target === digest) tags.delete(tag);
  }

  /** Everything, as Google's registries list it. */
  const manifestList = () =>
    [...manifests.values()].map(({ digest, mediaType }, at) => {
      const names = [...tags].filter(([, target]) => target === digest).map(([tag]) => tag);
      return { digest, mediaType, tags: names, uploadedAt: new Date(at) };
    });

  function referrersOf(subject: Digest) {
    return [...manifests.values()].flatMap(({ digest, bytes }) => {
      const content = parseJson(bytes) as { subject?: { digest: Digest } } | undefined;
      const entry = { mediaType: 'application/test', digest, size: bytes.length };
      return content?.subject?.digest === subject ? [{ ...content, ...entry }] : [];
    });
  }

  const client: Partial<RegistryClient> = {
    headManifest(_: Repository, reference) {
      reads.push(`head ${reference}`);
      const found = find(reference);
      return Promise.resolve(
        found && { digest: found.digest, mediaType: found.mediaType, size: found.bytes.length },
      );
    },
    getManifest(_, reference) {
      reads.push(`get ${reference}`);
      return Promise.resolve(find(reference));
    },
    putManifest(_, reference, { bytes }) {
      writes.push(`put ${reference}`);
      return Promise.resolve(push(new TextDecoder().decode(bytes), reference));
    },
    getBlob(_, digest) {
      reads.push(`blob ${digest}`);
      if (damaged.has(digest)) {
        return Promise.reject(new RegistryError('REGISTRY_ANSWER', 'it is damaged', 'mend it'));
      }
      return Promise.resolve(blobs.get(digest));
    },
    putBlob(_, bytes) {
      const digest = digestOf(bytes);
      writes.push(`blob ${digest}`);
      blobs.set(digest, bytes);
      return Promise.resolve(digest);
    },
    openBlob(_, { digest }) {
      reads.push(`open ${digest}`);
      return Promise.resolve(Readable.from([blobs.get(digest) ?? Buffer.alloc(0)]));
    },
    async copyBlob(_, { digest }, from) {
      if (blobs.has(digest)) return;
      writes.push(`copy ${digest}`);
      blobs.set(digest, await buffer(await from.open()));
    },
    putReferrer(_, { digest, bytes }) {
      writes.push(`referrer ${digest}`);
      push(new TextDecoder().decode(bytes));
      return Promise.resolve(listsReferrers);
    },
    listReferrers: (_, subject) =>
      Promise.resolve(
        listsReferrers
          ? ReferrerList.parse({ schemaVersion: 2, manifests: referrersOf(subject) })
          : undefined,
      ),
    listManifests: () => Promise.resolve(listsManifests ? manifestList() : undefined),
    listTags: () => Promise.resolve([...tags.keys()] as Tag[]),
    listBelow: () => Promise.resolve(listed),
    clock: () => clock?.(),
    deleteManifest(_, digest) {
      writes.push(`delete ${digest}`);
      lose(digest);
      return Promise.resolve('removed');
    },
    deleteTag(_, tag) {
      writes.push(`remove ${tag}`);
      if (removal === 'deletes') lose(tags.get(tag) ?? push(''));
      if (removal === 'removed') tags.delete(tag);
      return Promise.resolve(removal === 'deletes' ? 'removed' : removal);
    },
  };

  return {
    // Only what the resource types may use is there; anything else fails as "not a function".
    connect: () => Promise.resolve(client as RegistryClient),
    tags,
    manifests,
    writes,
    reads,
    push,
    pushImage,
    lose,
    damage: (digest) => damaged.add(digest),
  };
}

/** A registry that fails every request. */
export function failingRegistry(code: RegistryErrorCode): Connect {
  return failingWith(new RegistryError(code, 'who are you', 'log in'));
}

/** A registry that hides each repository, in a preview. */
export function hidingRegistry(): Connect {
  const denied = new RegistryError('REGISTRY_DENIED', 'who may read this', 'grant it');
  return failingWith(new HiddenRepositoryError(denied));
}

function failingWith(error: RegistryError): Connect {
  const fail = () => Promise.reject(error);
  const client: Partial<RegistryClient> = {
    headManifest: fail,
    getManifest: fail,
    listTags: fail,
    listManifests: fail,
    listBelow: fail,
    clock: () => undefined,
  };
  return () => Promise.resolve(client as RegistryClient);
}
