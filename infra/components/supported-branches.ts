import pulumi from '@pulumi/pulumi';
import type { Repository } from '../../src/image-reference.ts';
import type { VersionNeed } from '../../src/branches/needs.ts';
import { childOptions, reportFailureOnce } from '../engine/resources.ts';
import { BranchAliases, type ReferencedVersions } from '../oci/resources.ts';
import type { RegistryAccess } from './registry-access.ts';

export interface SupportedBranchesArgs {
  readonly needs: readonly VersionNeed[];
  readonly registry: string;
  readonly repositoryPrefix: Repository;
  readonly access: RegistryAccess;
  /** Image → alias → digest, of pins that are known. */
  readonly pins: ReferencedVersions['pins'];
  /** What the aliases of an image wait for, by its name; those of others wait for the component's own. */
  readonly published: ReadonlyMap<string, pulumi.Output<pulumi.Resource[]>>;
}

/**
 * At each image that a supported branch needs, a tag that stands for the branch: so that what it needs
 * can be pulled by the branch's name, and is kept by that name whatever else happens to it.
 */
export class SupportedBranches extends pulumi.ComponentResource {
  constructor(
    name: string,
    { needs, registry, repositoryPrefix, access, pins, published }: SupportedBranchesArgs,
    options?: pulumi.ComponentResourceOptions,
  ) {
    super('kubernetes-ci-images:index:SupportedBranches', name, {}, options);
    for (const [image, ofImage] of Map.groupBy(needs, (need) => need.image)) {
      const dependsOn = published.get(image);
      const aliases = pins.apply((known) =>
        Object.fromEntries(
          ofImage.map(({ alias, tag }) => [alias, tag ?? known[image]?.[alias] ?? '']),
        ),
      );
      reportFailureOnce(
        new BranchAliases(
          `${image}-branches`,
          {
            registry,
            repository: `${repositoryPrefix}/${image}`,
            aliases,
          },
          {
            ...childOptions(this, options),
            ...(dependsOn !== undefined && { dependsOn }),
            provider: access.oci,
            // Branches go on pulling by these when the stack has gone.
            retainOnDelete: true,
          },
        ),
      );
    }
    this.registerOutputs({});
  }
}
