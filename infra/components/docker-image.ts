import { Image } from '@pulumi/docker/image.js';
import dockerPackage from '@pulumi/docker/package.json' with { type: 'json' };
import pulumi from '@pulumi/pulumi';
import { type BuildArgument, sourceDateEpoch } from '../../src/catalog/build-arguments.ts';
import { formatImageReference } from '../../src/image-reference.ts';
import type { PlannedContainer, PlannedImage } from '../../src/plan/plan-catalog.ts';
import type { Publication } from '../oci/resources.ts';
import type { PushLogin } from './registry-access.ts';

export interface BuiltImageArgs {
  readonly image: PlannedImage;
  /** The folder to build from: the image's context, or one with a prepared disk. */
  readonly context: string;
  readonly publication: Publication;
  readonly push: PushLogin;
}

/** A `docker.Image` that the engine creates: built, and pushed under its immutable tag. */
export function builtImage(
  { image, context, publication, push }: BuiltImageArgs,
  options: pulumi.CustomResourceOptions,
): Image {
  return new Image(
    image.name,
    {
      imageName: formatImageReference(image.reference),
      build: {
        context,
        dockerfile: image.dockerfile,
        platform: image.platform,
        builderVersion: 'BuilderBuildKit',
        args: buildArguments(image, publication),
        target: image.target,
      },
      registry: push,
    },
    {
      ...options,
      // A tag that vanished comes back as another publication, and the image is built again.
      replacementTrigger: publication.id,
      // A refresh that runs the program forgets the trigger; and an image that is updated keeps the id
      // of the tag before, which the next run would take for another image to adopt.
      replaceOnChanges: ['imageName'],
    },
  );
}

interface AdoptedImageArgs {
  readonly image: PlannedImage;
  /** The tag that the registry has, and the digest that it names. */
  readonly tag: string;
  readonly digest: string;
}

/**
 * A `docker.Image` that the registry has already: the engine reads it and does not own it, so that nothing
 * is built, pushed or compared. (`docker.Image.get` takes no state, and the state would then not name the
 * image.)
 */
export class AdoptedImage extends pulumi.CustomResource {
  constructor(
    name: string,
    { image, tag, digest }: AdoptedImageArgs,
    options: pulumi.CustomResourceOptions,
  ) {
    const imageName = `${image.registry}/${image.repository}:${tag}`;
    super(
      'docker:index/image:Image',
      name,
      {
        imageName,
        platform: image.platform,
        registryServer: image.registry,
        repoDigest: `${image.registry}/${image.repository}@${digest}`,
      },
      // For the docker plug-in, the id of an image is the name that it was pushed under.
      { ...options, id: imageName, version: dockerPackage.version },
    );
  }
}

type Arguments = Partial<Record<BuildArgument, pulumi.Input<string>>>;

/**
 * The declared arguments and those of every build. The origin of the image is what the publication recorded
 * when the tag was new: a later commit is no change.
 */
function buildArguments(image: PlannedImage, publication: Publication) {
  const ofEveryBuild = {
    VERSION: image.version,
    REVISION: publication.revision,
    SOURCE: publication.source,
    CREATED: publication.created,
  } satisfies Arguments;
  const ofBase = image.kind === 'container' ? baseArguments(image) : {};
  return { ...image.args, ...ofBase, ...ofEveryBuild };
}

function baseArguments({ base, snapshot }: PlannedContainer) {
  const { registry, repository, tag, digest } = base;
  const ofBase = {
    BASE: formatImageReference({ registry, repository, digest }),
    BASE_NAME: formatImageReference({ registry, repository, tag }),
    BASE_DIGEST: digest,
  } satisfies Arguments;
  // Tools reject an empty SOURCE_DATE_EPOCH.
  const ofSnapshot: Arguments =
    snapshot === undefined
      ? { SNAPSHOT: '' }
      : { SNAPSHOT: snapshot, SOURCE_DATE_EPOCH: sourceDateEpoch(snapshot) };
  return { ...ofBase, ...ofSnapshot };
}
