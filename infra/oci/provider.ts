import pulumi from '@pulumi/pulumi';

export interface OciProviderArgs {
  /** The registry that the account is for. */
  readonly registry?: pulumi.Input<string> | undefined;
  readonly username?: pulumi.Input<string> | undefined;
  readonly password?: pulumi.Input<string> | undefined;
}

/**
 * The plug-in with an account; without one, the Docker config decides who is asking. An account in
 * the stack must be a lasting one: `refresh`, `destroy` and the first half of `up --refresh` run
 * before the program, with the password that the last run left in the state. Leave access tokens
 * that expire to the Docker config.
 */
export class OciProvider extends pulumi.ProviderResource {
  constructor(name: string, args: OciProviderArgs = {}, options?: pulumi.ResourceOptions) {
    const password = args.password === undefined ? undefined : pulumi.secret(args.password);
    super('oci', name, { ...args, password }, options);
  }
}
