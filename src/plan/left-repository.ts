/** The type of the repository that a stack declares whose destination is managed. */
export const REPOSITORY_TYPE = 'gcp:artifactregistry/repository:Repository';

/**
 * Why a run must not begin where the state has a repository that the stack's destination does not declare any more. The
 * repository is protected, so that the run would fail, but with the engine's advice to unprotect it.
 */
export function repositoryLeft(stack: string): {
  readonly problem: string;
  readonly remedy: string;
} {
  return {
    problem: `${stack} still has a repository of Artifact Registry, which its destination does not declare`,
    remedy:
      'don\'t unprotect it: the next run would delete it with its images; set destination: managed again, or have the stack forget it first (infra/DESTINATIONS.md, "From one kind to another")',
  };
}
