import { invalidArgument } from './api-error.ts';
import { findVersion } from './find-version.ts';
import type { HeldVersion } from './inventory.ts';
import { findPackage, tagsOf } from './packages.ts';
import { page, PAGE_PARAMETERS } from './page.ts';
import { route, type Route } from './router.ts';
import { dockerImageName, versionName, VERSIONS } from './version-names.ts';
import type { World } from './world.ts';

/** Versions of packages, which are manifests. */
export function versionRoutes(world: World): Route[] {
  return [
    route(
      'GET',
      VERSIONS,
      async ({ params, query }) => {
        const full = isFull(query);
        const { name, versions } = await findPackage(world, params);
        const { items, nextPageToken } = page(versions, query);
        return {
          versions: items.map((version) => view(name, version, full)),
          ...(nextPageToken !== undefined && { nextPageToken }),
        };
      },
      [...PAGE_PARAMETERS, 'view'],
    ),
    route(
      'GET',
      `${VERSIONS}/{version}`,
      async ({ params, query }) => {
        const { name, version } = await findVersion(world, params);
        return view(name, version, isFull(query));
      },
      ['view'],
    ),
  ];
}

function view(repository: string, version: HeldVersion, full: boolean): object {
  const { uploadTime, updateTime, sizeBytes, mediaType, buildTime } = version;
  const relatedTags = tagsOf(repository, version);
  return {
    name: versionName(repository, version),
    createTime: uploadTime,
    updateTime,
    ...(full && relatedTags.length > 0 && { relatedTags }),
    metadata: {
      name: dockerImageName(repository, version),
      imageSizeBytes: String(sizeBytes),
      mediaType,
      ...(buildTime !== undefined && { buildTime }),
    },
  };
}

function isFull(query: ReadonlyMap<string, string>): boolean {
  const asked = query.get('view') ?? 'BASIC';
  if (['VERSION_VIEW_UNSPECIFIED', 'BASIC', 'FULL'].includes(asked)) return asked === 'FULL';
  throw invalidArgument(`Invalid value at 'view' (TYPE_ENUM), "${asked}"`);
}
