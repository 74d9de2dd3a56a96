import dockerPackage from '@pulumi/docker/package.json' with { type: 'json' };
import pulumi from '@pulumi/pulumi';
import type { PlannedImage } from '../../src/plan/planned-image.ts';

export interface AdoptedImageArgs {
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
