import { Image } from '@pulumi/docker/image.js';
import dockerPackage from '@pulumi/docker/package.json' with { type: 'json' };
import pulumi from '@pulumi/pulumi';
import { type BuildArgument, sourceDateEpoch } from '../../src/catalog/build-arguments.ts';
import type { BuildFiles } from '../../src/catalog/image.ts';
import type { PlatformBuild } from '../../src/tag/tag-catalog.ts';
import { formatImageReference } from '../../src/image-reference.ts';
import type { PlannedContainer, PlannedImage } from '../../src/plan/plan-stack.ts';
import type { PublicationLookup } from '../oci/resources.ts';

interface BuiltImageArgs {
  readonly image: PlannedImage;
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
  const { target, registry, repository } = image;
  const args = buildArguments(image, publication);
  return new Image(
    dockerImageName(image, platform),
    {
      imageName: formatImageReference({ registry, repository, tag }),
      build: { ...files, platform, builderVersion: 'BuilderBuildKit', args, target },
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

type Arguments = Partial<Record<BuildArgument, pulumi.Input<string>>>;

/**
 * The declared arguments and those of every build. The origin of the image is what the publication recorded
 * when the tag was new: a later commit is no change.
 */
function buildArguments(image: PlannedImage, { revision, source, created }: PublicationLookup) {
  const ofEveryBuild: Arguments = {
    VERSION: image.version,
    REVISION: revision,
    SOURCE: source,
    CREATED: created,
  };
  const ofBase = image.kind === 'container' ? baseArguments(image) : {};
  return { ...image.args, ...ofBase, ...ofEveryBuild };
}

function baseArguments({ base, snapshot = '' }: PlannedContainer): Arguments {
  const { registry, repository, tag, digest } = base;
  return {
    BASE: formatImageReference({ registry, repository, digest }),
    BASE_NAME: formatImageReference({ registry, repository, tag }),
    BASE_DIGEST: digest,
    SNAPSHOT: snapshot,
    // Tools reject an empty SOURCE_DATE_EPOCH.
    ...(snapshot !== '' && { SOURCE_DATE_EPOCH: sourceDateEpoch(snapshot) }),
  };
}
