import { notFound } from './api-error.ts';
import type { HeldVersion, Inventory } from './inventory.ts';
import { listing } from './message-json.ts';
import type { Repositories } from './repositories.ts';
import { route, type Route } from './router.ts';

const REPOSITORY = 'projects/{project}/locations/{location}/repositories/{repository}';

/** `<repository>/packages/<package>/versions/sha256:...`, with the slashes of the package as `%2F`. */
export function versionName(repository: string, { packageName, digest }: HeldVersion): string {
  return `${repository}/packages/${encodeURIComponent(packageName)}/versions/${digest}`;
}

/** The methods for the images that the registry behind `inventory` holds, at `registry`. */
export function versionRoutes(
  repositories: Repositories,
  registry: string,
  inventory: Inventory,
): Route[] {
  /** The versions of the repository that a path is below. NOT_FOUND where there is none. */
  async function heldAt(name: string) {
    const repository = name.split('/').slice(0, 6).join('/');
    repositories.find(repository);
    return { repository, versions: await inventory.versions(repository) };
  }

  /** google.devtools.artifactregistry.v1.DockerImage, in order of their names. */
  async function dockerImages(name: string) {
    const { repository, versions } = await heldAt(name);
    return versions
      .map(({ packageName, path, digest, tags, sizeBytes, uploadTime, mediaType }) => ({
        name: `${repository}/dockerImages/${encodeURIComponent(packageName)}@${digest}`,
        uri: `${registry}/${path}@${digest}`,
        tags,
        imageSizeBytes: String(sizeBytes),
        uploadTime,
        mediaType,
      }))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  return [
    route('GET', `v1/${REPOSITORY}/dockerImages`, async ({ name, query }) =>
      listing('dockerImages', await dockerImages(name), query),
    ),
    route('GET', `v1/${REPOSITORY}/dockerImages/{id}`, async ({ name }) => {
      const all = await dockerImages(name);
      const found = all.find((image) => decodeURIComponent(image.name) === name);
      if (found === undefined) throw notFound();
      return found;
    }),
    route('DELETE', `v1/${REPOSITORY}/packages/{package}/tags/{tag}`, async ({ name, params }) => {
      const { versions } = await heldAt(name);
      const { tag = '' } = params;
      const version = versions.find(
        ({ packageName, tags }) => packageName === params['package'] && tags.includes(tag),
      );
      if (version === undefined) throw notFound();
      await inventory.removeTag(version, tag);
      return {};
    }),
  ];
}
