import pulumi from '@pulumi/pulumi';
import type { VersionNeed } from '../../src/branches/version-needs.ts';

export interface ReferencedVersionsArgs {
  readonly registry: pulumi.Input<string>;
  readonly repositoryPrefix: pulumi.Input<string>;
  /** In seconds. */
  readonly gracePeriod: pulumi.Input<number>;
  readonly needs: readonly VersionNeed[];
  /** Names of all images that may have versions in their grace period. */
  readonly images: pulumi.Input<readonly string[]>;
}

/** Which versions branches need, and have needed until not long ago (see `referencedVersionsType`). */
export class ReferencedVersions extends pulumi.CustomResource {
  /** What clean-up policies have to keep, in order. */
  declare readonly digests: pulumi.Output<string[]>;
  /** Image → alias → digest: what branches that name the image alone are pinned to, where it is known. */
  declare readonly pins: pulumi.Output<Readonly<Record<string, Readonly<Record<string, string>>>>>;

  constructor(name: string, args: ReferencedVersionsArgs, options?: pulumi.CustomResourceOptions) {
    const outputs = {
      ...{ digests: undefined, pins: undefined },
      ...{ versions: undefined, unreferenced: undefined, formerPins: undefined },
    };
    const needs = byImage(args.needs);
    super('oci:index:ReferencedVersions', name, { ...args, needs, ...outputs }, options);
  }
}

/** Image → alias → tag, which is empty for the image alone: a difference in it reads like one. */
function byImage(needs: readonly VersionNeed[]): Record<string, Record<string, string>> {
  const images = Map.groupBy(needs, ({ image }) => image);
  const entries = [...images].map(([image, ofImage]) => {
    const tags = ofImage.map(({ alias, tag = '' }) => [alias, tag] as const);
    return [image, Object.fromEntries(tags)] as const;
  });
  return Object.fromEntries(entries);
}
