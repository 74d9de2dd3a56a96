import pulumi from '@pulumi/pulumi';
import type { NeededTags } from '../../src/branches/needs.ts';
import type { Repository } from '../../src/image-reference.ts';
import { childOptions, silenceRepeatedErrors } from '../engine/resources.ts';
import { BranchAliases, type ReferencedVersions } from '../oci/resources.ts';

export interface SupportedBranchesArgs {
  readonly needs: NeededTags;
  readonly registry: string;
  readonly repositoryPrefix: Repository;
  /** Image → alias → digest, of pins that are known. */
  readonly pins: ReferencedVersions['pins'];
  /** What the aliases of an image depend on, by its name; those of other images depend as the component does. */
  readonly published: ReadonlyMap<string, pulumi.Output<pulumi.Resource[]>>;
}

/**
 * At each image that a supported branch needs, a tag that stands for the branch. The branch's name pulls what
 * the branch needs, and keeps it whatever happens to its other tags.
 */
export class SupportedBranches extends pulumi.ComponentResource {
  constructor(
    name: string,
    { needs, registry, repositoryPrefix, pins, published }: SupportedBranchesArgs,
    options?: pulumi.ComponentResourceOptions,
  ) {
    super('kubernetes-ci-images:index:SupportedBranches', name, {}, options);
    for (const [image, tags] of Object.entries(needs)) {
      const aliases = pins.apply((known) =>
        Object.fromEntries(
          Object.entries(tags).map(([alias, tag]) => [
            alias,
            tag === '' ? (known[image]?.[alias] ?? '') : tag,
          ]),
        ),
      );
      const { parent, dependsOn } = childOptions(this, options);
      const branches = new BranchAliases(
        `${image}-branches`,
        { registry, repository: `${repositoryPrefix}/${image}`, aliases },
        {
          parent,
          dependsOn: published.get(image) ?? dependsOn,
          // Branches go on pulling by these tags when the stack is gone.
          retainOnDelete: true,
        },
      );
      silenceRepeatedErrors(branches);
    }
    this.registerOutputs({});
  }
}
