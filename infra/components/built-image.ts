import { Image } from '@pulumi/docker/image.js';
import type pulumi from '@pulumi/pulumi';
import { formatImageReference } from '../../src/image-reference.ts';
import type { PlannedImage } from '../../src/plan/planned-image.ts';
import { buildArguments } from './build-arguments.ts';
import type { Publication } from '../oci/publication.ts';
import type { RegistryAccess } from './registry-access.ts';
import { reportFailureOnce } from '../engine/report-failure-once.ts';

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
