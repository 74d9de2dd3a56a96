import pulumi from '@pulumi/pulumi';

export interface OciProviderArgs {
  /** The registry that the account is for. */
  readonly registry?: pulumi.Input<string> | undefined;
  readonly username?: pulumi.Input<string> | undefined;
  readonly password?: pulumi.Input<string> | undefined;
}

/** The plug-in with an account; without one, the Docker config decides who is asking. */
export class OciProvider extends pulumi.ProviderResource {
  constructor(name: string, args: OciProviderArgs = {}, options?: pulumi.ResourceOptions) {
    const password = args.password === undefined ? undefined : pulumi.secret(args.password);
    super('oci', name, { ...args, password }, options);
  }
}
