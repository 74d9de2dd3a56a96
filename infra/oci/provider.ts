import pulumi from '@pulumi/pulumi';

/**
 * The project's own plug-in. Who asks the registry it learns from `logIn` once the program runs; before
 * that (a refresh runs ahead of the program, without `--run-program`) the Docker config decides.
 */
export class OciProvider extends pulumi.ProviderResource {
  constructor(name: string, options?: pulumi.ResourceOptions) {
    super('oci', name, {}, options);
  }
}
