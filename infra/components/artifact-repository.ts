import { Repository } from '@pulumi/gcp/artifactregistry/repository.js';
import type { input } from '@pulumi/gcp/types/index.js';
import pulumi from '@pulumi/pulumi';
import type { CleanupPolicy } from '../../src/retention/compile-policies.ts';
import type { RepositoryGrant } from '../../src/settings/pipeline-identity.ts';
import type { Settings } from '../../src/settings/settings.ts';
import {
  childOptions,
  done,
  outcomeOf,
  silenceRepeatedErrors,
  settled,
  type Outcome,
} from '../engine/resources.ts';
import { bindRepository } from './repository-grants.ts';
import { OWNER_LABEL, ownLabel, PART_LABEL } from './repository-owner.ts';

export interface ArtifactRepositoryArgs {
  readonly part: Settings['part'];
  readonly repositoryId: string;
  /** A region or a multi-region. */
  readonly location: string;
  readonly cleanupPolicies: pulumi.Input<readonly CleanupPolicy[]>;
  /** True: Google logs what the policies would delete, and deletes nothing. */
  readonly cleanupPolicyDryRun: boolean;
  readonly grants: readonly RepositoryGrant[];
}

/** What images depend on of the place where they go. */
export interface DeclaredPlace {
  /** For `dependsOn`: all of it. */
  readonly settled: pulumi.Output<pulumi.Resource[]>;
  /** Unknown before the repository exists; `undefined` where none is declared, or it could not be. */
  readonly resourceId: pulumi.Output<string | undefined>;
  /** Failed when the repository could not be created or updated. Known in previews, too. */
  readonly outcome: pulumi.Output<Outcome<string>>;
}

/** A repository or registry of others, of which the stack declares nothing. */
export function placeOfOthers(): DeclaredPlace {
  const resourceId = pulumi.output<string | undefined>(undefined);
  return { settled: settled(), resourceId, outcome: pulumi.output(done('')) };
}

/**
 * The Artifact Registry repository that holds the images, who may use it, and what is deleted from it.
 *
 * All of it is protected from deletion and replacement, grants too: a `destroy` that stops at the repository
 * would have taken everybody's access away by then. infra/PRODUCTION.md says how to do it on purpose.
 */
export class ArtifactRepository extends pulumi.ComponentResource implements DeclaredPlace {
  readonly settled: DeclaredPlace['settled'];
  readonly resourceId: DeclaredPlace['resourceId'];
  readonly outcome: DeclaredPlace['outcome'];

  constructor(
    name: string,
    args: ArtifactRepositoryArgs,
    options?: pulumi.ComponentResourceOptions,
  ) {
    // The name of the type stays: it is in the URNs of every stack.
    super('kubernetes-ci-images:index:ImageRegistry', name, {}, options);
    const { part, repositoryId, location } = args;
    const repository = new Repository(
      name,
      {
        repositoryId,
        location,
        format: 'DOCKER',
        description: 'Operating-system images of Kubernetes CI; declared in code, change it there',
        labels: {
          application: 'kubernetes-ci-images',
          'managed-by': 'pulumi',
          [OWNER_LABEL]: ownLabel(),
          ...(part === 'daily' && { [PART_LABEL]: part }),
        },
        cleanupPolicies: pulumi.output(args.cleanupPolicies).apply(
          // Lists that the SDK's types accept: its own, and not readonly.
          (all) => structuredClone(all) as input.artifactregistry.RepositoryCleanupPolicy[],
        ),
        cleanupPolicyDryRun: args.cleanupPolicyDryRun,
      },
      { ...childOptions(this, options), protect: true },
    );
    silenceRepeatedErrors(repository);

    const grants = bindRepository(name, args, { parent: this, dependsOn: settled(repository) });

    this.settled = settled(repository, ...grants);
    this.resourceId = pulumi.recover<string | undefined>(repository.id, () => undefined);
    this.outcome = outcomeOf(repository.urn);
    this.registerOutputs({});
  }
}
