import { notFound } from './api-error.ts';
import type { HeldVersion, Inventory } from './inventory.ts';
import { listing } from './message-json.ts';
import type { Repositories } from './repositories.ts';
import { route, type ApiRequest, type Route } from './router.ts';

const REPOSITORY = 'projects/{project}/locations/{location}/repositories/{repository}';
const PACKAGE = `${REPOSITORY}/packages/{package}`;

/** `<repository>/packages/<package>`, with the slashes of the package as `%2F`. */
function packageName(repository: string, version: HeldVersion): string {
  return `${repository}/packages/${encodeURIComponent(version.packageName)}`;
}

/** `<repository>/packages/<package>/versions/sha256:...`. */
export function versionName(repository: string, version: HeldVersion): string {
  return `${packageName(repository, version)}/versions/${version.digest}`;
}

/** How the versions of a repository, or of one of its packages, are seen in a collection. */
type View = (
  repository: string,
  versions: readonly HeldVersion[],
  registry: string,
) => { readonly name: string }[];

/** The views, by the path of the collection. */
const VIEWS: Readonly<Record<string, View>> = {
  /** google.devtools.artifactregistry.v1.DockerImage. */
  [`${REPOSITORY}/dockerImages`]: (repository, versions, registry) =>
    versions.map((version) => ({
      name: dockerImageName(repository, version),
      uri: `${registry}/${version.path}@${version.digest}`,
      tags: version.tags,
      imageSizeBytes: String(version.sizeBytes),
      uploadTime: version.uploadTime,
      mediaType: version.mediaType,
    })),

  /** google.devtools.artifactregistry.v1.Package: an image without a tag or digest. */
  [`${REPOSITORY}/packages`](repository, versions) {
    const groups = Map.groupBy(versions, (version) => packageName(repository, version));
    return [...groups].map(([name, group]) => ({
      name,
      createTime: group.map(({ uploadTime }) => uploadTime).sort()[0],
    }));
  },

  /** google.devtools.artifactregistry.v1.Version: a manifest. */
  [`${PACKAGE}/versions`]: (repository, versions) =>
    versions.map((version) => ({
      name: versionName(repository, version),
      createTime: version.uploadTime,
      metadata: {
        name: dockerImageName(repository, version),
        imageSizeBytes: String(version.sizeBytes),
        mediaType: version.mediaType,
      },
    })),

  /** google.devtools.artifactregistry.v1.Tag. */
  [`${PACKAGE}/tags`](repository, versions) {
    const tags = versions.flatMap((version) =>
      version.tags.map((tag) => ({
        name: `${packageName(repository, version)}/tags/${tag}`,
        version: versionName(repository, version),
      })),
    );
    return tags.sort((a, b) => (a.name < b.name ? -1 : 1));
  },
};

/** `<repository>/dockerImages/<package>@sha256:...`. */
function dockerImageName(repository: string, { packageName, digest }: HeldVersion): string {
  return `${repository}/dockerImages/${encodeURIComponent(packageName)}@${digest}`;
}

/** What can be seen of the images that the registry behind `inventory` holds, at `registry`. */
export function versionRoutes(
  repositories: Repositories,
  registry: string,
  inventory: Inventory,
): Route[] {
  /** The versions below a path, which names a repository and perhaps a package. NOT_FOUND without. */
  async function heldAt({ name, params }: ApiRequest) {
    const repository = name.split('/').slice(0, 6).join('/');
    repositories.find(repository);
    const all = await inventory.versions(repository);
    const { package: wanted } = params;
    if (wanted === undefined) return { repository, versions: all };
    const versions = all.filter((version) => version.packageName === wanted);
    if (versions.length === 0) throw notFound(`Package "${wanted}" not found`);
    return { repository, versions };
  }

  const viewRoutes = Object.entries(VIEWS).flatMap(([collection, view]) => {
    const shown = async (request: ApiRequest) => {
      const { repository, versions } = await heldAt(request);
      return view(repository, versions, registry);
    };
    const field = collection.split('/').at(-1) ?? '';
    return [
      route('GET', `v1/${collection}`, async (request) =>
        listing(field, await shown(request), request.query),
      ),
      route('GET', `v1/${collection}/{id}`, async (request) => {
        const all = await shown(request);
        const found = all.find(({ name }) => decodeURIComponent(name) === request.name);
        if (found === undefined) throw notFound();
        return found;
      }),
    ];
  });
  const removeTag = route('DELETE', `v1/${PACKAGE}/tags/{tag}`, async (request) => {
    const { tag = '' } = request.params;
    const { versions } = await heldAt(request);
    const version = versions.find(({ tags }) => tags.includes(tag));
    if (version === undefined) throw notFound();
    await inventory.removeTag(version, tag);
    return {};
  });
  return [...viewRoutes, removeTag];
}
