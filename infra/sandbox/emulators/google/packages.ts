import { notFound } from './api-error.ts';
import type { HeldVersion } from './inventory.ts';
import { page, PAGE_PARAMETERS } from './page.ts';
import { route, type Route } from './router.ts';
import { packageName, versionName } from './version-names.ts';
import { findRepository, type World } from './world.ts';

const PARENT = 'v1/projects/{project}/locations/{location}/repositories/{repository}/packages';

/** Packages, which are images without a tag or digest, and their tags. */
export function packageRoutes(world: World): Route[] {
  return [
    route(
      'GET',
      PARENT,
      async ({ params, query }) => {
        const { name } = findRepository(world, params);
        const grouped = Map.groupBy(
          await world.inventory.versions(params),
          (version) => version.packageName,
        );
        const { items, nextPageToken } = page([...grouped.values()], query);
        const packages = items.map((versions) => view(name, versions));
        return { packages, ...(nextPageToken !== undefined && { nextPageToken }) };
      },
      PAGE_PARAMETERS,
    ),
    route('GET', `${PARENT}/{package}`, async ({ params }) => {
      const { name, versions } = await findPackage(world, params);
      return view(name, versions);
    }),
    route(
      'GET',
      `${PARENT}/{package}/tags`,
      async ({ params, query }) => {
        const { name, versions } = await findPackage(world, params);
        const all = versions.flatMap((version) => tagsOf(name, version)).sort(byName);
        const { items, nextPageToken } = page(all, query);
        return { tags: items, ...(nextPageToken !== undefined && { nextPageToken }) };
      },
      PAGE_PARAMETERS,
    ),
    route('GET', `${PARENT}/{package}/tags/{tag}`, async ({ params }) => {
      const { name, versions } = await findPackage(world, params);
      const tag = versions
        .flatMap((version) => tagsOf(name, version))
        .find((found) => found.name.endsWith(`/tags/${params.tag}`));
      if (tag === undefined) throw notFound();
      return tag;
    }),
    route('DELETE', `${PARENT}/{package}/tags/{tag}`, async ({ params }) => {
      const { versions } = await findPackage(world, params);
      const version = versions.find(({ tags }) => tags.includes(params.tag));
      if (version === undefined) throw notFound();
      await world.inventory.removeTag(version, params.tag);
      return {};
    }),
  ];
}

/** A package's versions, at least one; NOT_FOUND without. */
export async function findPackage(
  world: World,
  place: { project: string; location: string; repository: string; package: string },
): Promise<{ name: string; versions: readonly HeldVersion[] }> {
  const { name } = findRepository(world, place);
  const all = await world.inventory.versions(place);
  const versions = all.filter(({ packageName }) => packageName === place.package);
  if (versions.length === 0) throw notFound(`Package "${place.package}" not found`);
  return { name, versions };
}

/** The tags of a version (google.devtools.artifactregistry.v1.Tag), by name. */
export function tagsOf(repository: string, version: HeldVersion) {
  return version.tags.map((tag) => ({
    name: `${packageName(repository, version)}/tags/${tag}`,
    version: versionName(repository, version),
  }));
}

function view(repository: string, versions: readonly HeldVersion[]): object {
  const [first] = versions;
  const uploads = versions.map(({ uploadTime }) => uploadTime).sort();
  const updates = versions.map(({ updateTime }) => updateTime).sort();
  return {
    name: packageName(repository, { packageName: first?.packageName ?? '' }),
    createTime: uploads[0],
    updateTime: updates.at(-1),
  };
}

function byName(a: { name: string }, b: { name: string }): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}
