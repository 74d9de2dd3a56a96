import type { Connect } from '../../infra/oci/connect.ts';
import type { Digest, Repository, Tag } from '../../src/image-reference.ts';
import type { RegistryClient } from '../../src/registry/registry-client.ts';
import { RegistryError } from '../../src/registry/registry-error.ts';
import type { HeldVersion } from '../../src/retention/resolve-needs.ts';
import { memoryRegistry, type MemoryRegistry } from '../oci/memory-registry.ts';

export const REGISTRY = '127.0.0.1:5000';
export const PREFIX = 'p/images';

/** How removing a tag ends: the tag goes, nothing goes, or the manifest goes as well. */
export type TagRemoval = 'tag' | 'unsupported' | 'manifest';

const REMOVALS = { tag: 'removed', unsupported: 'unsupported', manifest: 'deletes' } as const;

/** What goes wrong in one run: at the given request of its kind, counted from zero. */
export type Fault =
  | { readonly kind: 'killed'; readonly afterWrites: number }
  | { readonly kind: 'not found' | 'empty listing' | 'half a listing'; readonly at: number };

/** A registry with a repository for each image, the times of the uploads, and faults. */
export function modelRegistry(removal: TagRemoval, clock: () => number) {
  const repositories = new Map<string, MemoryRegistry>();
  const uploads = new Map<string, number>();
  let lastUpload = 0;
  let fault: Fault | undefined;
  let count = { writes: 0, lookups: 0, listings: 0 };

  function of(image: string): MemoryRegistry {
    const known = repositories.get(image);
    if (known !== undefined) return known;
    const made = memoryRegistry({
      removal: REMOVALS[removal],
      listsManifests: removal === 'tag',
      listsReferrers: removal === 'tag',
    });
    repositories.set(image, made);
    return made;
  }

  const at = (path: Repository) => of(path.slice(PREFIX.length + 1));

  function noteUploads(image: string): void {
    for (const digest of of(image).manifests.keys()) {
      const name = `${image}@${digest}`;
      if (uploads.has(name)) continue;
      // No two at the same time.
      lastUpload = Math.max(clock(), lastUpload + 1);
      uploads.set(name, lastUpload);
    }
  }

  function isDead(): boolean {
    return fault?.kind === 'killed' && count.writes >= fault.afterWrites;
  }

  function requireLife(): void {
    if (isDead())
      throw new RegistryError('REGISTRY_UNREACHABLE', 'the run was killed', 'run again');
  }

  /** Counts a write, or throws for one that a killed run does not come to. */
  function write(): void {
    requireLife();
    count.writes += 1;
  }

  const isHit = (kind: Fault['kind'], number: number) =>
    fault?.kind === kind && 'at' in fault && fault.at === number;

  /** What a listing says that may be empty or cut. */
  function cut<Item>(items: readonly Item[]): Item[] {
    const number = count.listings++;
    if (isHit('empty listing', number)) return [];
    return items.slice(0, isHit('half a listing', number) ? items.length / 2 : items.length);
  }

  const connect: Connect = (registry, signal) => {
    const clientAt = (path: Repository) => at(path).connect(registry, signal);
    const client: Partial<RegistryClient> = {
      async headManifest(path, reference) {
        requireLife();
        if (isHit('not found', count.lookups++)) return undefined;
        return (await clientAt(path)).headManifest(path, reference);
      },
      async getManifest(path, reference) {
        requireLife();
        return (await clientAt(path)).getManifest(path, reference);
      },
      async putManifest(path, reference, manifest) {
        write();
        const digest = await (await clientAt(path)).putManifest(path, reference, manifest);
        noteUploads(path.slice(PREFIX.length + 1));
        return digest;
      },
      async putBlob(path, bytes) {
        write();
        return (await clientAt(path)).putBlob(path, bytes);
      },
      async putReferrer(path, manifest) {
        write();
        const isListed = await (await clientAt(path)).putReferrer(path, manifest);
        noteUploads(path.slice(PREFIX.length + 1));
        return isListed;
      },
      async listReferrers(path, subject) {
        requireLife();
        return (await clientAt(path)).listReferrers(path, subject);
      },
      async deleteTag(path, tag) {
        write();
        return (await clientAt(path)).deleteTag(path, tag);
      },
      async deleteManifest(path, digest) {
        write();
        return (await clientAt(path)).deleteManifest(path, digest);
      },
      async listTags(path) {
        requireLife();
        return cut((await (await clientAt(path)).listTags(path)) ?? []);
      },
      async getBlob(path, digest) {
        requireLife();
        return (await clientAt(path)).getBlob(path, digest);
      },
      async listManifests(path) {
        requireLife();
        const listed = await (await clientAt(path)).listManifests(path);
        const image = path.slice(PREFIX.length + 1);
        const timeOf = (digest: Digest) => new Date(uploads.get(`${image}@${digest}`) ?? 0);
        const timed = listed?.map((each) => ({ ...each, uploadedAt: timeOf(each.digest) }));
        return timed && cut(timed);
      },
      clock: () => new Date(clock()),
      listBelow() {
        requireLife();
        return Promise.resolve(cut([...repositories.keys()]));
      },
    };
    return Promise.resolve(client as RegistryClient);
  };

  return {
    removal,
    connect,
    of,
    write,
    /** Sets what goes wrong from now on; nothing without a fault. */
    breakBy(next: Fault | undefined): void {
      fault = next;
      count = { writes: 0, lookups: 0, listings: 0 };
    },
    /** Pushes an image with these labels. */
    push(image: string, labels: Readonly<Record<string, string>>, tag: string): Digest {
      const digest = of(image).pushImage(labels, tag);
      noteUploads(image);
      return digest;
    },
    /** Pushes a manifest or an index, under a tag where one is given. */
    pushManifest(image: string, content: object, tag?: string): Digest {
      const digest = of(image).push(JSON.stringify(content), tag);
      noteUploads(image);
      return digest;
    },
    has: (image: string, digest: Digest) => repositories.get(image)?.manifests.has(digest) ?? false,
    uploadedAt: (image: string, digest: Digest) => uploads.get(`${image}@${digest}`) ?? 0,
    named: (image: string, tag: string) => repositories.get(image)?.tags.get(tag),
    /** What the registry holds, in order of image and upload. */
    versions(): readonly ModelVersion[] {
      return [...repositories].flatMap(([image, { manifests, tags }]) => {
        const contents = [...manifests].map(([digest, { bytes }]) => {
          const { subject, manifests: named = [] } = contentOf(bytes);
          const members = named.map((each) => ({ digest: each.digest, platform: 'linux/any' }));
          return { digest, sizeBytes: bytes.length, subject: subject?.digest, members };
        });
        const names = contents.flatMap(({ digest, members }) =>
          members.map((member) => ({ index: digest, member: member.digest })),
        );
        const indexesOf = Map.groupBy(names, ({ member }) => member);
        return contents.map(({ subject, ...version }): ModelVersion => {
          const { digest } = version;
          const own = [...tags].flatMap(([tag, named]) => (named === digest ? (tag as Tag) : []));
          const uploadedAt = new Date(uploads.get(`${image}@${digest}`) ?? 0);
          const indexes = indexesOf.get(digest)?.map(({ index }) => index) ?? [];
          // Nobody reads the subject of what has a tag or an index, or is not listed.
          const isRead = own.length + indexes.length === 0 && removal === 'tag';
          const subjects = isRead && subject !== undefined ? [subject] : [];
          return { ...version, packageName: image, tags: own, uploadedAt, indexes, subjects };
        });
      });
    },
    lose(image: string, digest: Digest): void {
      of(image).lose(digest);
      uploads.delete(`${image}@${digest}`);
    },
  };
}

/** A version with all that is known of it. */
type ModelVersion = HeldVersion &
  Required<Pick<HeldVersion, 'members'>> & { readonly indexes: readonly Digest[] };

function contentOf(bytes: Uint8Array) {
  return JSON.parse(new TextDecoder().decode(bytes)) as {
    readonly subject?: { readonly digest: Digest };
    readonly manifests?: readonly { readonly digest: Digest }[];
  };
}

export type ModelRegistry = ReturnType<typeof modelRegistry>;
