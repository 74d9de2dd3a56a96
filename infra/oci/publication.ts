import pulumi from '@pulumi/pulumi';
import type { BuildInputs } from '../../src/tag/build-inputs.ts';

export interface PublicationArgs {
  readonly registry: pulumi.Input<string>;
  readonly repository: pulumi.Input<string>;
  /** The immutable tag. */
  readonly tag: pulumi.Input<string>;
  /** Id of the resource that the registry is; not known in a preview of a run that will make it. */
  readonly registryId: pulumi.Input<string>;
  /** The hashes of the build inputs that the tag is made of: they show in a preview why it changed. */
  readonly inputs: pulumi.Input<BuildInputs>;
  /** The commit that is built; recorded at the first publication and not compared afterwards. */
  readonly revision: pulumi.Input<string>;
  /** The address of the pipeline, or empty; recorded as `revision` is. */
  readonly pipeline: pulumi.Input<string>;
  /** The address of the source repository; recorded as `revision` is. */
  readonly source: pulumi.Input<string>;
}

/**
 * Whether an immutable tag is published: asked when the resource is created (in a preview too) and
 * on refresh. Its id changes when the tag vanished from the registry. `plugins` in Pulumi.yaml says
 * where the plug-in is.
 */
export class Publication extends pulumi.CustomResource {
  /** False: build it. True: it is there, adopt it. */
  declare readonly published: pulumi.Output<boolean>;
  /** What the tag names; empty while it is not published. */
  declare readonly digest: pulumi.Output<string>;
  /** When this was first published, in UTC, such as `2026-08-21T10:00:00Z`. */
  declare readonly created: pulumi.Output<string>;
  /** The immutable tag that this was asked about: the one of before in a run that targets others. */
  declare readonly tag: pulumi.Output<string>;
  declare readonly revision: pulumi.Output<string>;
  declare readonly pipeline: pulumi.Output<string>;
  declare readonly source: pulumi.Output<string>;

  constructor(name: string, args: PublicationArgs, options?: pulumi.CustomResourceOptions) {
    // The SDK makes an output property of each key, also of those without a value.
    const outputs = { published: undefined, digest: undefined, created: undefined };
    super('oci:index:Publication', name, { ...args, ...outputs }, options);
  }
}
