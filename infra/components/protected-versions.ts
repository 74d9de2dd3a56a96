import pulumi from '@pulumi/pulumi';
import type { Digest } from '../../src/image-reference.ts';
import type { PlannedImage } from '../../src/plan/plan-catalog.ts';
import type { References } from '../../src/branches/references.ts';
import type { VersionNeed } from '../../src/branches/needs.ts';
import {
  type CleanupPolicy,
  compilePolicies,
  TooManyPoliciesError,
} from '../../src/retention/compile-policies.ts';
import type { Retention } from '../../src/retention/retention.ts';
import type { Settings } from '../../src/settings/settings.ts';
import { isThere, reportFailureOnce } from '../engine/resources.ts';
import { ReferencedVersions } from '../oci/resources.ts';
import type { RegistryAccess } from './registry-access.ts';

export interface ProtectedVersionsArgs {
  readonly settings: Settings;
  readonly retention: Retention;
  readonly references: References;
  readonly needs: readonly VersionNeed[];
  readonly images: readonly PlannedImage[];
  readonly access: RegistryAccess;
}

export interface ProtectedVersions {
  readonly cleanupPolicies: pulumi.Output<readonly CleanupPolicy[]>;
  /** What branches are pinned to that name the image alone. */
  readonly pins: ReferencedVersions['pins'];
}

/**
 * The clean-up policies, with what supported branches need in them. Throws, before anything else is
 * touched, when the registry can't say which versions these are: policies that don't know them would
 * delete them.
 */
export async function protectedVersions(args: ProtectedVersionsArgs): Promise<ProtectedVersions> {
  const { settings, retention, references, needs, images, access } = args;
  const { registry, repositoryPrefix } = settings;
  const names = [...images, ...needs.map(({ image }) => ({ name: image }))].map(({ name }) => name);
  const referenced = new ReferencedVersions(
    'referenced-versions',
    {
      registry,
      repositoryPrefix,
      gracePeriod: retention.gracePeriod,
      needs,
      images: [...new Set(names)].sort(),
    },
    { provider: access.oci },
  );
  reportFailureOnce(referenced);
  if (!(await settled(isThere(referenced)))) {
    throw new pulumi.RunError(
      'which versions the supported branches need could not be read, see referenced-versions: no policy is changed',
    );
  }
  const aliases = references.branches.map(({ alias }) => alias);
  const cleanupPolicies = referenced.digests.apply((digests) =>
    orRunError(() => compilePolicies(retention, { aliases, digests: digests as Digest[] })),
  );
  return { cleanupPolicies, pins: referenced.pins };
}

/** What an output turns out to be; it must be one that does not fail. */
function settled(output: pulumi.Output<boolean>): Promise<boolean> {
  return new Promise((resolve) => {
    output.apply(resolve);
  });
}

function orRunError<Result>(run: () => Result): Result {
  try {
    return run();
  } catch (error) {
    if (error instanceof TooManyPoliciesError) throw new pulumi.RunError(error.message);
    throw error;
  }
}
