import { Repository } from '@pulumi/gcp/artifactregistry/repository.js';
import { RepositoryIamBinding } from '@pulumi/gcp/artifactregistry/repositoryIamBinding.js';
import type { input } from '@pulumi/gcp/types/index.js';
import pulumi from '@pulumi/pulumi';
import type { CleanupPolicy } from '../../src/retention/compile-policies.ts';
import { afterwards, isThere, childOptions, reportFailureOnce } from '../engine/resources.ts';

export interface ImageRegistryArgs {
  readonly repositoryId: string;
  /** A region or a multi-region. */
  readonly location: string;
  readonly cleanupPolicies: pulumi.Input<readonly CleanupPolicy[]>;
  /** True: what the policies would delete is logged, and stays. */
  readonly cleanupPolicyDryRun: boolean;
  /** IAM members; an empty list leaves it to the project's policy. */
  readonly readers: readonly string[];
  readonly writers: readonly string[];
}

/**
 * The Artifact Registry repository that holds the images, who may use it, and what is deleted from it.
 *
 * All of it is protected: the engine refuses to delete it, and to replace it under another id or in
 * another location. The grants too, since a `destroy` that stops at the repository would have taken
 * everybody's access away by then. README.md says how to do it on purpose.
 */
export class ImageRegistry extends pulumi.ComponentResource {
  /** For `dependsOn`: all of it. */
  readonly settled: pulumi.Output<pulumi.Resource[]>;
  /** Not known before it is made; empty when it could not be. */
  readonly repositoryName: pulumi.Output<string>;
  /** False when the repository could not be made, or made what it is to be. */
  readonly ready: pulumi.Output<boolean>;

  constructor(name: string, args: ImageRegistryArgs, options?: pulumi.ComponentResourceOptions) {
    super('kubernetes-ci-images:index:ImageRegistry', name, {}, options);
    const { repositoryId, location, readers, writers } = args;
    const repository = new Repository(
      name,
      {
        repositoryId,
        location,
        format: 'DOCKER',
        description: 'Operating-system images of Kubernetes CI; declared in code, change it there',
        labels: { application: 'kubernetes-ci-images', 'managed-by': 'pulumi' },
        cleanupPolicies: pulumi.output(args.cleanupPolicies).apply((all) => all.map(policyInput)),
        cleanupPolicyDryRun: args.cleanupPolicyDryRun,
      },
      { ...childOptions(this, options), protect: true },
    );
    reportFailureOnce(repository);

    /** All members of a role at once, so that one who was added by hand is seen and removed again. */
    const grant = (role: 'reader' | 'writer', members: readonly string[]) =>
      new RepositoryIamBinding(
        `${name}-${role}s`,
        {
          location,
          repository: repositoryId,
          role: `roles/artifactregistry.${role}`,
          members: [...members],
        },
        { parent: this, dependsOn: afterwards(repository), protect: true },
      );
    const grants = [
      ...(readers.length > 0 ? [grant('reader', readers)] : []),
      ...(writers.length > 0 ? [grant('writer', writers)] : []),
    ];
    grants.forEach(reportFailureOnce);

    this.settled = afterwards(repository, ...grants);
    this.repositoryName = pulumi.recover(repository.id, () => '');
    this.ready = isThere(repository);
    this.registerOutputs({});
  }
}

/** A policy with lists of its own, as the SDK's types want them. */
function policyInput(
  policy: pulumi.Unwrap<CleanupPolicy>,
): input.artifactregistry.RepositoryCleanupPolicy {
  return structuredClone(policy) as input.artifactregistry.RepositoryCleanupPolicy;
}
