import pLimit from 'p-limit';
import { z } from 'zod';
import { parseTag } from '../../../../src/image-reference.ts';
import { type RegistryClient, untag } from '../../../../src/registry/registry-client.ts';
import { ApiError, notFound } from './api-error.ts';
import type { Clock } from './clock.ts';
import { lookAt, Sighting, type Found } from './look-at-path.ts';
import { openCollection } from './store.ts';

/** A manifest in the registry, as Artifact Registry sees it: a version of a package. */
export interface HeldVersion extends Found {
  /** The path below the repository, such as `debian-12`, or `base/debian-12`. */
  readonly packageName: string;
  readonly uploadTime: string;
}

export type Inventory = ReturnType<typeof openInventory>;

/** The path of a repository in the registry, by its full name: without the location. */
export function pathOf(repository: string): string {
  const [, project = '', , , , id = ''] = repository.split('/');
  return `${project}/${id}`;
}

/**
 * What the registry behind `client` really holds. The registry keeps no upload times, and lists only what
 * has a tag. So `folder` keeps each manifest that was ever seen, with the time when it was first seen,
 * until it is gone from the registry.
 */
export function openInventory(folder: string, client: RegistryClient, clock: Clock) {
  // By path, then by digest.
  const sightings = openCollection(folder, 'sightings', z.record(z.string(), Sighting));
  // Two looks at once would both see the same manifest first.
  const limit = pLimit(1);

  async function look(prefix: string): Promise<readonly HeldVersion[]> {
    const paths = (await client.listRepositories())
      .filter((path) => path.startsWith(prefix))
      .sort();
    const found: Found[] = [];
    for (const path of paths) {
      found.push(...(await lookAt(client, path, sightings.get(path) ?? {})));
    }
    // New manifests are a millisecond apart: no two have the same time, and no time is repeated.
    const fresh = found.filter(({ uploadTime }) => uploadTime === undefined).length;
    const known = sightings.entries().flatMap(([, seen]) => Object.values(seen));
    const latest = Math.max(0, ...known.map(({ uploadTime }) => Date.parse(uploadTime)));
    let next = Math.max(clock.now() - fresh, latest);
    const held = found.map(({ uploadTime, ...facts }) => {
      if (uploadTime === undefined) next += 1;
      const packageName = facts.path.slice(prefix.length);
      return { ...facts, packageName, uploadTime: uploadTime ?? new Date(next).toISOString() };
    });
    for (const path of paths) {
      const seen = held.filter((version) => version.path === path);
      const entries = seen.map((version) => [version.digest, Sighting.parse(version)] as const);
      sightings.set(path, Object.fromEntries(entries));
    }
    return held;
  }

  return {
    /** The versions of a repository, given by its full name, by package and digest. */
    versions: (repository: string) => limit(() => look(`${pathOf(repository)}/`)),
    /**
     * Deletes manifests, with their tags, from the registry: an index before everything that it refers
     * to, so that no interruption leaves an index with a hole.
     */
    delete: (versions: readonly HeldVersion[]) =>
      limit(async () => {
        for (const { path, digest } of deletionOrder(versions)) {
          if ((await client.deleteManifest(path, digest)) === 'unsupported') throw readOnly();
        }
      }),
    /** Removes a tag and leaves the manifest, as Artifact Registry does. */
    removeTag: ({ path }: HeldVersion, name: string) =>
      limit(async () => {
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
function referencedVersions(versions: readonly HeldVersion[]): ReadonlySet<string> {
  return new Set(
    versions.flatMap(({ path, children }) => children.map((digest) => `${path}@${digest}`)),
  );
}
