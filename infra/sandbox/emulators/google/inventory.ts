import { z } from 'zod';
import { parseTag, type Digest, type Repository as Path } from '../../../../src/image-reference.ts';
import { type RegistryClient, untag } from '../../../../src/registry/registry-client.ts';
import { ApiError, notFound } from './api-error.ts';
import type { Clock } from './clock.ts';
import { lookAt, Sighting, type Look, type Sightings } from './look-at-path.ts';
import { openCollection } from './store.ts';

/** A manifest in the registry, as Artifact Registry sees it: a version of a package. */
export interface HeldVersion extends Sighting {
  /** The path below the repository, such as `debian-12`, or `base/debian-12`. */
  readonly packageName: string;
  readonly path: Path;
  readonly digest: Digest;
}

/** What the registry really holds. Each call looks it up anew, but for the size. */
export interface Inventory {
  /** The versions of a repository, given by its full name, by package and digest. */
  versions(repository: string): Promise<readonly HeldVersion[]>;
  /** In bytes, as of the last look: a repository can be read while the registry is away. */
  size(repository: string): number;
  /**
   * Deletes manifests, with their tags, from the registry: an index before everything that it refers
   * to, so that no interruption leaves an index with a hole.
   */
  delete(versions: readonly HeldVersion[]): Promise<void>;
  /** Removes a tag and leaves the manifest, as Artifact Registry does. */
  removeTag(version: HeldVersion, tag: string): Promise<void>;
}

/** The path of a repository in the registry, by its full name: without the location. */
export function pathOf(repository: string): string {
  const [, project = '', , , , id = ''] = repository.split('/');
  return `${project}/${id}`;
}

/**
 * The inventory of the registry behind `client`. The registry keeps no upload times, and lists only
 * what has a tag. So `folder` keeps each manifest that was ever seen, with the time when it was first
 * seen, until it is gone from the registry.
 */
export function openInventory(folder: string, client: RegistryClient, clock: Clock): Inventory {
  const sightings = openCollection<Sightings>(folder, 'sightings', z.record(z.string(), Sighting));
  let last: Promise<unknown> = Promise.resolve();
  /** One at a time: two would both see the same manifest first. */
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const turn = last.then(work, work);
    last = turn.catch(() => undefined);
    return turn;
  };

  async function sweep(prefix: string): Promise<readonly HeldVersion[]> {
    const paths = (await client.listRepositories()).filter((path) => path.startsWith(prefix));
    const looks: Look[] = [];
    for (const path of paths.sort()) {
      looks.push(await lookAt(client, path, sightings.get(path) ?? {}));
    }
    const times = uploadTimes(looks.flatMap(({ fresh }) => [...fresh]).length);
    return looks.flatMap((look) =>
      Object.entries(record(look, times)).map(([digest, sighting]) => ({
        ...sighting,
        path: look.path,
        packageName: look.path.slice(prefix.length),
        digest: digest as Digest,
      })),
    );
  }

  /** Times for newly seen manifests, a millisecond apart: no two have the same, and none is repeated. */
  function uploadTimes(count: number): string[] {
    const known = sightings.entries().flatMap(([, seen]) => Object.values(seen));
    const latest = Math.max(0, ...known.map(({ uploadTime }) => Date.parse(uploadTime)));
    const first = Math.max(clock.now() - (count - 1), latest + 1);
    return Array.from({ length: count }, (_, at) => new Date(first + at).toISOString());
  }

  /** Keeps everything that was seen at a path; takes the times of new manifests off `times`. */
  function record({ path, held, tags, fresh }: Look, times: string[]): Sightings {
    const known = sightings.get(path) ?? {};
    const uploaded = new Map(fresh.map((digest) => [digest, times.shift()]));
    const now = clock.timestamp();
    const seen = Object.fromEntries(
      [...held].map(([digest, facts]) => {
        const before = known[digest];
        const names = [...(tags.get(digest) ?? [])].sort();
        const isSame = before?.tags.join(' ') === names.join(' ');
        const uploadTime = before?.uploadTime ?? uploaded.get(digest) ?? now;
        const changed = before === undefined ? uploadTime : now;
        const updateTime = isSame ? before.updateTime : changed;
        return [digest, { ...facts, uploadTime, updateTime, tags: names }];
      }),
    );
    if (Object.keys(seen).length === 0) sightings.delete(path);
    else sightings.set(path, seen);
    return seen;
  }

  return {
    versions: (repository) => inTurn(() => sweep(`${pathOf(repository)}/`)),
    size(repository) {
      const seen = sightings
        .entries()
        .filter(([path]) => path.startsWith(`${pathOf(repository)}/`));
      const sizes = seen.flatMap(([, all]) => Object.values(all).map(({ sizeBytes }) => sizeBytes));
      return sizes.reduce((sum, one) => sum + one, 0);
    },
    delete: (versions) =>
      inTurn(async () => {
        for (const { path, digest } of deletionOrder(versions)) {
          if ((await client.deleteManifest(path, digest)) === 'unsupported') throw readOnly();
        }
      }),
    removeTag: ({ path }, name) =>
      inTurn(async () => {
        const tag = parseTag(name);
        const removal = tag === undefined ? 'gone' : await untag(client, path, tag);
        if (removal === 'gone') throw notFound(`Tag "${name}" not found`);
        if (removal !== 'removed') throw readOnly();
      }),
  };
}

function readOnly(): ApiError {
  return new ApiError('FAILED_PRECONDITION', 'The registry does not allow deletions.');
}

/** `versions`, each index before everything that it refers to. */
export function deletionOrder(versions: readonly HeldVersion[]): readonly HeldVersion[] {
  if (versions.length === 0) return [];
  const referenced = referencedVersions(versions);
  const isReferenced = ({ path, digest }: HeldVersion) => referenced.has(`${path}@${digest}`);
  const free = versions.filter((version) => !isReferenced(version));
  return [...free, ...deletionOrder(versions.filter(isReferenced))];
}

/** Everything that the indexes among `versions` refer to, as `path@digest`: an index goes first. */
export function referencedVersions(versions: readonly HeldVersion[]): ReadonlySet<string> {
  return new Set(
    versions.flatMap(({ path, children }) => children.map((digest) => `${path}@${digest}`)),
  );
}
