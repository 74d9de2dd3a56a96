import { RepositoryIamBinding } from '@pulumi/gcp/artifactregistry/repositoryIamBinding.js';
import type pulumi from '@pulumi/pulumi';
import type { RepositoryGrant } from '../../src/settings/pipeline-identity.ts';
import { silenceRepeatedErrors } from '../engine/resources.ts';

interface RepositoryGrantsArgs {
  readonly repositoryId: string;
  readonly location: string;
  /** A role that is not among them is decided by the project's policy alone. */
  readonly grants: readonly RepositoryGrant[];
}

/**
 * Declares who may do what in the repository. A binding has all members of a role at once: a member that was added
 * by hand is a difference, and is removed.
 */
export function bindRepository(
  name: string,
  { repositoryId, location, grants }: RepositoryGrantsArgs,
  options: pulumi.CustomResourceOptions,
): readonly RepositoryIamBinding[] {
  return grants.map((grant) => {
    const members = [...grant.members];
    const binding = new RepositoryIamBinding(
      `${name}-${grant.name}`,
      { location, repository: repositoryId, role: grant.role, members },
      { ...options, protect: true },
    );
    silenceRepeatedErrors(binding);
    return binding;
  });
}
