import pulumi from '@pulumi/pulumi';
import type { VersionNeed } from '../../src/references/version-needs.ts';

export interface ReferencedVersionsArgs {
  readonly registry: pulumi.Input<string>;
  readonly repositoryPrefix: pulumi.Input<string>;
  /** In seconds. */
  readonly gracePeriod: pulumi.Input<number>;
  /** In the order of `versionNeeds`. */
  readonly needs: pulumi.Input<readonly VersionNeed[]>;
  /** Names of all images that may have versions in their grace period. */
  readonly images: pulumi.Input<readonly string[]>;
}

/** Which versions branches need, and have needed until not long ago (see `referencedVersionsType`). */
export class ReferencedVersions extends pulumi.CustomResource {
  /** What clean-up policies have to keep, in order. */
  declare readonly digests: pulumi.Output<string[]>;

  constructor(name: string, args: ReferencedVersionsArgs, options?: pulumi.CustomResourceOptions) {
    const outputs = { digests: undefined, versions: undefined, unreferenced: undefined };
    super('oci:index:ReferencedVersions', name, { ...args, ...outputs }, options);
  }
}
