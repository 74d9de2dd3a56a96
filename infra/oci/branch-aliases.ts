import pulumi from '@pulumi/pulumi';

export interface BranchAliasesArgs {
  readonly registry: pulumi.Input<string>;
  readonly repository: pulumi.Input<string>;
  /** Alias → the tag or the digest that it stands for; empty for what `latest` names when it is made. */
  readonly aliases: pulumi.Input<Readonly<Record<string, string>>>;
}

/** The tags that stand for supported branches at one image (see `branchAliasesType`). */
export class BranchAliases extends pulumi.CustomResource {
  /** Alias → digest; without those whose tag is not in the registry. */
  declare readonly digests: pulumi.Output<Readonly<Record<string, string>>>;

  constructor(name: string, args: BranchAliasesArgs, options?: pulumi.CustomResourceOptions) {
    super('oci:index:BranchAliases', name, { ...args, digests: undefined }, options);
  }
}
