import { z } from 'zod';
import type { Digest, Repository as Path } from '../../../../src/image-reference.ts';
import type { RegistryClient } from '../../../../src/registry/registry-client.ts';
import { ApiError } from './api-error.ts';
import type { Clock } from './clock.ts';
import { lookAt, type Look } from './look-at-path.ts';
import { removeTag } from './remove-tag.ts';
import type { RepositoryPlace } from './repository.ts';
import { Sighting } from './sighting.ts';
import { openCollection } from './store.ts';

/** A manifest in the registry, as Artifact Registry sees it: a version of a package. */
export interface HeldVersion extends Sighting {
  /** The path below the repository, such as `debian-12`, or `base/debian-12`. */
  readonly packageName: string;
  readonly path: Path;
  readonly digest: Digest;
}

/** What the registry really holds. Only the size is not looked up anew at each call. */
export interface Inventory {
  /** The versions of a repository, by package and digest. */
  versions(place: RepositoryPlace): Promise<readonly HeldVersion[]>;
  /** In bytes, as of the last look: a repository can be read while the registry is away. */
  size(place: RepositoryPlace): number;
  /** Deletes a manifest, with its tags, from the registry. */
  delete(version: HeldVersion): Promise<void>;
  removeTag(version: HeldVersion, tag: string): Promise<void>;
}

const Sightings = z.record(z.string(), Sighting);
type Sightings = Readonly<Record<string, Sighting>>;

/**
 * The inventory of the registry behind `client`. The registry keeps no upload times, and lists
 * nothing that has no tag: so each manifest that was ever seen is remembered in `folder`, with the
 * time when it was first seen, until it is gone from the registry.
 */
export function openInventory(folder: string, client: RegistryClient, clock: Clock): Inventory {
  const sightings = openCollection<Sightings>(folder, 'sightings', Sightings);
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
    return looks.flatMap((look) => {
      const seen = record(look, times);
      return Object.entries(seen).map(([digest, sighting]) => ({
        ...sighting,
        path: look.path,
        packageName: look.path.slice(prefix.length),
        digest: digest as Digest,
      }));
    });
  }

  /** Times for newly seen manifests, a millisecond apart: no two have the same, and none is repeated. */
  function uploadTimes(count: number): string[] {
    const known = sightings.entries().flatMap(([, seen]) => Object.values(seen));
    const latest = Math.max(0, ...known.map(({ uploadTime }) => Date.parse(uploadTime)));
    const first = Math.max(clock.now() - (count - 1), latest + 1);
    return Array.from({ length: count }, (_, at) => new Date(first + at).toISOString());
  }

  /** Remembers what was seen at a path; takes the times of new manifests off `times`. */
  function record({ path, held, tags, fresh }: Look, times: string[]): Sightings {
    const known = sightings.get(path) ?? {};
    const uploaded = new Map(fresh.map((digest) => [digest, times.shift() ?? clock.timestamp()]));
    const seen = Object.fromEntries(
      [...held].map(([digest, facts]) => {
        const before = known[digest];
        const now = [...(tags.get(digest) ?? [])].sort();
        const same = before?.tags.join(' ') === now.join(' ');
        const uploadTime = before?.uploadTime ?? uploaded.get(digest) ?? clock.timestamp();
        const changed = before === undefined ? uploadTime : clock.timestamp();
        return [
          digest,
          { ...facts, uploadTime, updateTime: same ? before.updateTime : changed, tags: now },
        ];
      }),
    );
    if (Object.keys(seen).length === 0) sightings.delete(path);
    else sightings.set(path, seen);
    return seen;
  }

  function size(prefix: string): number {
    const seen = sightings.entries().filter(([path]) => path.startsWith(prefix));
    const sizes = seen.flatMap(([, all]) => Object.values(all).map(({ sizeBytes }) => sizeBytes));
    return sizes.reduce((sum, one) => sum + one, 0);
  }

  return {
    size: ({ project, repository }) => size(`${project}/${repository}/`),
    versions: ({ project, repository }) => inTurn(() => sweep(`${project}/${repository}/`)),
    delete: ({ path, digest }) =>
      inTurn(async () => {
        if ((await client.deleteManifest(path, digest)) !== 'unsupported') return;
        throw new ApiError('FAILED_PRECONDITION', 'The registry does not allow deletions.');
      }),
    removeTag: ({ path }, tag) => inTurn(() => removeTag(client, path, tag)),
  };
}
