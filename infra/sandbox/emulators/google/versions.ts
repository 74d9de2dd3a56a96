import { notFound } from './api-error.ts';
import type { HeldVersion, Inventory } from './inventory.ts';
import { listing, PAGE_PARAMETERS } from './listing.ts';
import type { Repositories } from './repositories.ts';
import { route, type ApiRequest, type Route } from './router.ts';

const REPOSITORY = 'projects/{project}/locations/{location}/repositories/{repository}';
const PACKAGE = `${REPOSITORY}/packages/{package}` as const;

/** `<repository>/packages/<package>`, with the slashes of the package as `%2F`. */
function packageName(repository: string, version: HeldVersion): string {
  return `${repository}/packages/${encodeURIComponent(version.packageName)}`;
}

/** `<repository>/packages/<package>/versions/sha256:...`. */
export function versionName(repository: string, version: HeldVersion): string {
  return `${packageName(repository, version)}/versions/${version.digest}`;
}

interface Named {
  readonly name: string;
  readonly [field: string]: unknown;
}

/** One way to see the versions of a repository, or of one of its packages. */
interface View {
  /** The path of the collection; the last segment is the field of a listing. */
  readonly collection: string;
  readonly parameter: string;
  readonly show: (repository: string, versions: readonly HeldVersion[]) => readonly Named[];
}

/** What can be seen of the images that the registry behind `inventory` holds, at `registry`. */
export function versionRoutes(
  repositories: Repositories,
  registry: string,
  inventory: Inventory,
): Route[] {
  const views: readonly View[] = [
    {
      collection: `${REPOSITORY}/dockerImages`,
      parameter: 'image',
      show: (repository, versions) =>
        versions.map((version) => dockerImage(registry, repository, version)),
    },
    {
      collection: `${REPOSITORY}/packages`,
      parameter: 'package',
      show: packagesOf,
    },
    {
      collection: `${PACKAGE}/versions`,
      parameter: 'version',
      show: (repository, versions) => versions.map((version) => versionOf(repository, version)),
    },
    {
      collection: `${PACKAGE}/tags`,
      parameter: 'tag',
      show: (repository, versions) =>
        versions
          .flatMap((version) => tagsOf(repository, version))
          .sort((a, b) => (a.name < b.name ? -1 : 1)),
    },
  ];

  /** The versions below a path, which names a repository and perhaps a package. NOT_FOUND without. */
  async function heldAt({ name, params }: Pick<ApiRequest, 'name' | 'params'>) {
    const repository = name.split('/').slice(0, 6).join('/');
    repositories.find(repository);
    const all = await inventory.versions(repository);
    const wanted = params['package'];
    if (wanted === undefined) return { repository, versions: all };
    const versions = all.filter((version) => version.packageName === wanted);
    if (versions.length === 0) throw notFound(`Package "${wanted}" not found`);
    return { repository, versions };
  }

  const viewRoutes = views.flatMap(({ collection, parameter, show }) => {
    const shown = async (request: ApiRequest) => {
      const { repository, versions } = await heldAt(request);
      return show(repository, versions);
    };
    const field = collection.split('/').at(-1) ?? '';
    return [
      route(
        'GET',
        `v1/${collection}`,
        async (request) => listing(field, await shown(request), request.query),
        PAGE_PARAMETERS,
      ),
      route('GET', `v1/${collection}/{${parameter}}`, async (request) => {
        const all = await shown(request);
        const found = all.find(({ name }) => decodeURIComponent(name) === request.name);
        if (found === undefined) throw notFound();
        return found;
      }),
    ];
  });
  const removeTag = route('DELETE', `v1/${PACKAGE}/tags/{tag}`, async ({ name, params }) => {
    const { versions } = await heldAt({ name, params });
    const version = versions.find(({ tags }) => tags.includes(params.tag));
    if (version === undefined) throw notFound();
    await inventory.removeTag(version, params.tag);
    return {};
  });
  return [...viewRoutes, removeTag];
}

/** google.devtools.artifactregistry.v1.DockerImage. */
function dockerImage(registry: string, repository: string, version: HeldVersion): Named {
  const { path, digest, tags, sizeBytes, uploadTime, updateTime, mediaType } = version;
  return {
    name: dockerImageName(repository, version),
    uri: `${registry}/${path}@${digest}`,
    tags,
    imageSizeBytes: String(sizeBytes),
    uploadTime,
    updateTime,
    mediaType,
  };
}

/** `<repository>/dockerImages/<package>@sha256:...`. */
function dockerImageName(repository: string, { packageName, digest }: HeldVersion): string {
  return `${repository}/dockerImages/${encodeURIComponent(packageName)}@${digest}`;
}

/** google.devtools.artifactregistry.v1.Package: an image without a tag or digest. */
function packagesOf(repository: string, versions: readonly HeldVersion[]): readonly Named[] {
  const groups = Map.groupBy(versions, (version) => packageName(repository, version));
  return [...groups].map(([name, group]) => ({
    name,
    createTime: group.map(({ uploadTime }) => uploadTime).sort()[0],
    updateTime: group
      .map(({ updateTime }) => updateTime)
      .sort()
      .at(-1),
  }));
}

/** google.devtools.artifactregistry.v1.Version: a manifest. */
function versionOf(repository: string, version: HeldVersion): Named {
  const { uploadTime, updateTime, sizeBytes, mediaType } = version;
  return {
    name: versionName(repository, version),
    createTime: uploadTime,
    updateTime,
    metadata: {
      name: dockerImageName(repository, version),
      imageSizeBytes: String(sizeBytes),
      mediaType,
    },
  };
}

/** google.devtools.artifactregistry.v1.Tag. */
function tagsOf(repository: string, version: HeldVersion): readonly Named[] {
  return version.tags.map((tag) => ({
    name: `${packageName(repository, version)}/tags/${tag}`,
    version: versionName(repository, version),
  }));
}
