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

/** What a collection shows of a version. */
type View = (
  version: HeldVersion,
  repository: string,
  registry: string,
) => readonly { readonly name: string }[];

/** The views, by the path of the collection. */
const VIEWS: Readonly<Record<string, View>> = {
  /** google.devtools.artifactregistry.v1.DockerImage. */
  [`${REPOSITORY}/dockerImages`](version, repository, registry) {
    const { path, digest, tags, sizeBytes, uploadTime, mediaType } = version;
    const name = dockerImageName(repository, version);
    const uri = `${registry}/${path}@${digest}`;
    return [{ name, uri, tags, imageSizeBytes: String(sizeBytes), uploadTime, mediaType }];
  },

  /** google.devtools.artifactregistry.v1.Package: an image without a tag or digest. */
  [`${REPOSITORY}/packages`]: (version, repository) => [{ name: packageName(repository, version) }],

  /** google.devtools.artifactregistry.v1.Version: a manifest. */
  [`${PACKAGE}/versions`](version, repository) {
    const { sizeBytes, uploadTime: createTime, mediaType } = version;
    const name = dockerImageName(repository, version);
    const metadata = { name, imageSizeBytes: String(sizeBytes), mediaType };
    return [{ name: versionName(repository, version), createTime, metadata }];
  },

  /** google.devtools.artifactregistry.v1.Tag. */
  [`${PACKAGE}/tags`]: (version, repository) =>
    version.tags.map((tag) => ({
      name: `${packageName(repository, version)}/tags/${tag}`,
      version: versionName(repository, version),
    })),
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
      const all = versions.flatMap((version) => view(version, repository, registry));
      const byName = new Map(all.map((one) => [one.name, one]));
      return [...byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
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
