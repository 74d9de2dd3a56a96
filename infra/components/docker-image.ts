import { Image } from '@pulumi/docker/image.js';
import pulumi from '@pulumi/pulumi';
import { formatImageReference } from '../../src/image-reference.ts';
import type { PlannedImage, PlannedContainer } from '../../src/plan/plan-catalog.ts';
import type { Publication } from '../oci/resources.ts';
import type { RegistryAccess } from './registry-access.ts';
import { reportFailureOnce } from '../engine/resources.ts';
import { type BuildArgument, sourceDateEpoch } from '../../src/catalog/build-arguments.ts';
import dockerPackage from '@pulumi/docker/package.json' with { type: 'json' };

export interface BuiltImageArgs {
  readonly image: PlannedImage;
  /** The folder to build from: the image's context, or one with a prepared disk. */
  readonly context: string;
  readonly publication: Publication;
  readonly access: RegistryAccess;
}

/** A `docker.Image` that the engine creates: built, and pushed under its immutable tag. */
export function builtImage(
  { image, context, publication, access }: BuiltImageArgs,
  options: pulumi.CustomResourceOptions,
): Image {
  const built = new Image(
    image.name,
    {
      imageName: formatImageReference(image.reference),
      build: {
        context,
        dockerfile: image.dockerfile,
        platform: image.platform,
        builderVersion: 'BuilderBuildKit',
        args: buildArguments(image, publication),
        ...(image.target !== undefined && { target: image.target }),
      },
      registry: access.push,
    },
    {
      ...options,
      // A tag that vanished comes back as another publication, and that is what builds it again.
      replacementTrigger: publication.id,
      // A refresh that runs the program forgets the trigger; and an image that is updated keeps the id
      // of the tag before, which the run after would take for another image to adopt.
      replaceOnChanges: ['imageName'],
    },
  );
  return reportFailureOnce(built);
}

interface AdoptedImageArgs {
  readonly image: PlannedImage;
  /** The tag that the registry has, and what it names. */
  readonly tag: string;
  readonly digest: string;
}

/**
 * A `docker.Image` that is in the registry already: the engine reads it and does not own it, so that
 * nothing is built, pushed or compared. (`docker.Image.get` takes no state, and the state would then
 * not say which image it is.)
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
      // The docker plug-in's id of an image is the name that it was pushed under.
      { ...options, id: imageName, version: dockerPackage.version },
    );
  }
}

type Arguments<Names extends BuildArgument> = Record<Names, pulumi.Input<string>>;

/**
 * The declared arguments and those that every build gets. Where the image comes from is what the
 * publication recorded when the tag was new, so a later commit is no change.
 */
function buildArguments(
  image: PlannedImage,
  publication: Publication,
): Record<string, pulumi.Input<string>> {
  return {
    ...image.args,
    ...(image.kind === 'container' && baseArguments(image)),
    ...({
      VERSION: image.version,
      REVISION: publication.revision,
      SOURCE: publication.source,
      CREATED: publication.created,
    } satisfies Arguments<'VERSION' | 'REVISION' | 'SOURCE' | 'CREATED'>),
  };
}

/** Without a snapshot there is no `SOURCE_DATE_EPOCH`: tools refuse an empty one. */
function baseArguments({ base, snapshot }: PlannedContainer) {
  const { registry, repository, tag, digest } = base;
  return {
    BASE: formatImageReference({ registry, repository, digest }),
    SNAPSHOT: snapshot ?? '',
    ...(snapshot !== undefined && { SOURCE_DATE_EPOCH: sourceDateEpoch(snapshot) }),
    BASE_NAME: formatImageReference({ registry, repository, ...(tag !== undefined && { tag }) }),
    BASE_DIGEST: digest,
  } satisfies Partial<Arguments<BuildArgument>>;
}
