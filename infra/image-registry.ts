import gcp from '@pulumi/gcp';
import pulumi from '@pulumi/pulumi';
import type { CleanupPolicy } from '../src/retention/cleanup-policy.ts';
import { childOptions } from './child-options.ts';
import { reportFailureOnce } from './report-failure-once.ts';

export interface ImageRegistryArgs {
  readonly repositoryId: string;
  /** A region or a multi-region. */
  readonly location: string;
  readonly cleanupPolicies: readonly CleanupPolicy[];
  /** True: what the policies would delete is logged, and stays. */
  readonly cleanupPolicyDryRun: boolean;
  /** IAM members; an empty list leaves it to the project's policy. */
  readonly readers: readonly string[];
  readonly writers: readonly string[];
}

/**
 * The Artifact Registry repository that holds the images, who may use it, and what is deleted from it.
 *
 * It is protected: the engine refuses to delete it, and to replace it under another id or in another
 * location. README.md says how to do it on purpose.
 */
export class ImageRegistry extends pulumi.ComponentResource {
  constructor(name: string, args: ImageRegistryArgs, options?: pulumi.ComponentResourceOptions) {
    super('kubernetes-ci-images:index:ImageRegistry', name, {}, options);
    const repository = new gcp.artifactregistry.Repository(
      name,
      {
        repositoryId: args.repositoryId,
        location: args.location,
        format: 'DOCKER',
        description: 'Operating-system images of Kubernetes CI; declared in code, change it there',
        labels: { application: 'kubernetes-ci-images', 'managed-by': 'pulumi' },
        cleanupPolicies: args.cleanupPolicies.map(policyInput),
        cleanupPolicyDryRun: args.cleanupPolicyDryRun,
      },
      { ...childOptions(this, options), protect: true },
    );
    reportFailureOnce(repository);

    this.grant(`${name}-readers`, repository, 'reader', args.readers);
    this.grant(`${name}-writers`, repository, 'writer', args.writers);
    this.registerOutputs({});
  }

  /** All members of a role at once, so that one who was added by hand is seen and removed again. */
  private grant(
    name: string,
    { location, repositoryId }: gcp.artifactregistry.Repository,
    role: 'reader' | 'writer',
    members: readonly string[],
  ): void {
    if (members.length === 0) return;
    const binding = new gcp.artifactregistry.RepositoryIamBinding(
      name,
      {
        location,
        repository: repositoryId,
        role: `roles/artifactregistry.${role}`,
        members: [...members],
      },
      { parent: this },
    );
    reportFailureOnce(binding);
  }
}

/** A policy with lists of its own, as the SDK's types want them. */
function policyInput(
  policy: CleanupPolicy,
): gcp.types.input.artifactregistry.RepositoryCleanupPolicy {
  return structuredClone(policy) as gcp.types.input.artifactregistry.RepositoryCleanupPolicy;
}
