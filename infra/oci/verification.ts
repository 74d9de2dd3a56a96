import pulumi from '@pulumi/pulumi';
import type { Kind } from '../../src/catalog/kind.ts';

export interface VerificationArgs {
  readonly registry: pulumi.Input<string>;
  readonly repository: pulumi.Input<string>;
  /** What is started; empty when that is not known in this run. */
  readonly digest: pulumi.Input<string>;
  readonly kind: Kind;
  /** `os/architecture`. */
  readonly platform: string;
  /** What has to succeed in a container; empty where its systemd is asked. */
  readonly commands: readonly string[];
  /** Seconds until it must be up. */
  readonly timeout: number;
}

/** That what was published of an image comes up. It is started once for each digest. */
export class Verification extends pulumi.CustomResource {
  /** What has come up; the empty digest of a run in which none is known passes. */
  declare readonly digest: pulumi.Output<string>;

  constructor(name: string, args: VerificationArgs, options?: pulumi.CustomResourceOptions) {
    super('oci:index:Verification', name, { ...args, sign: undefined }, options);
  }
}
