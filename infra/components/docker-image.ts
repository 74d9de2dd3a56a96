import { Image } from '@pulumi/docker/image.js';
import dockerPackage from '@pulumi/docker/package.json' with { type: 'json' };
import pulumi from '@pulumi/pulumi';
import type { BuildFiles } from '../../src/catalog/image.ts';
import type { PlatformBuild } from '../../src/tag/tag-catalog.ts';
import { formatImageReference } from '../../src/image-reference.ts';
import { imageBuild } from '../../src/plan/image-build.ts';
import type { PlannedBuild, PlannedImage } from '../../src/plan/plan-stack.ts';
import type { PublicationLookup } from '../oci/resources.ts';

interface BuiltImageArgs {
  readonly image: PlannedBuild;
  readonly build: PlatformBuild;
  /** What to build from: the image's own files, or a prepared disk and a labelled Dockerfile. */
  readonly files: BuildFiles;
  readonly publication: PublicationLookup;
}

/** The name of the `docker.Image` of a platform. No image of the catalog can have a colon in its name. */
export function dockerImageName({ name, builds }: PlannedImage, platform: string): string {
  return builds.length === 1 ? name : `${name}:${platform}`;
}

/**
 * A `docker.Image` that the engine creates: built, and pushed under the tag of its platform. Docker logs in by its own
 * configuration: a login in the `registry` of a resource would be in the state.
 */
export function builtImage(
  { image, build: { platform, tag }, files, publication }: BuiltImageArgs,
  options: pulumi.CustomResourceOptions,
): Image {
  const { registry, repository } = image;
  // The publication recorded the origin when the tag was new: a later commit is no change.
  const build = imageBuild<pulumi.Output<string>>(image, platform, files, publication);
  return new Image(
    dockerImageName(image, platform),
    {
      imageName: formatImageReference({ registry, repository, tag }),
      build: { ...build, builderVersion: 'BuilderBuildKit' },
    },
    {
      ...options,
      // For a tag that vanished, the next run creates another publication, and so builds the image again.
      replacementTrigger: publication.id,
      // A refresh that runs the program forgets the trigger. An image that is updated would keep the id of the
      // tag before, and the next run would take it for another image to adopt.
      replaceOnChanges: ['imageName'],
    },
  );
}

class AdoptedImage extends pulumi.CustomResource {}

/**
 * A `docker.Image` that the registry has already: the engine reads it and does not own it, so that nothing is
 * built, pushed or compared. (`docker.Image.get` takes no state, which would then not name the image.)
 */
export function adoptedImage(
  image: PlannedImage,
  {
    platform,
    tag,
    digest,
  }: { readonly platform: string; readonly tag: string; readonly digest: string },
  options: pulumi.CustomResourceOptions,
): pulumi.CustomResource {
  const { registry, repository } = image;
  const imageName = `${registry}/${repository}:${tag}`;
  const repoDigest = `${registry}/${repository}@${digest}`;
  return new AdoptedImage(
    'docker:index/image:Image',
    dockerImageName(image, platform),
    { imageName, platform, registryServer: registry, repoDigest },
    // For the docker plug-in, the id of an image is the name that it was pushed under.
    { ...options, id: imageName, version: dockerPackage.version },
  );
}
