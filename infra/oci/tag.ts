import pulumi from '@pulumi/pulumi';

export interface TagArgs {
  readonly registry: pulumi.Input<string>;
  readonly repository: pulumi.Input<string>;
  /** The alias. */
  readonly tag: pulumi.Input<string>;
  /** Of a manifest in the same repository; empty to leave the alias where it is. */
  readonly digest: pulumi.Input<string>;
}

/** An alias: a tag that points at a digest, is moved with it, and is moved back after a refresh. */
export class Tag extends pulumi.CustomResource {
  declare readonly tag: pulumi.Output<string>;
  declare readonly digest: pulumi.Output<string>;

  constructor(name: string, args: TagArgs, options?: pulumi.CustomResourceOptions) {
    super('oci:index:Tag', name, { ...args }, options);
  }
}
