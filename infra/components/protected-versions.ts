import pulumi from '@pulumi/pulumi';
import type { References } from '../../src/branches/references.ts';
import { neededTags } from '../../src/branches/needs.ts';
import type { Digest } from '../../src/image-reference.ts';
import type { PlannedImage } from '../../src/plan/plan-catalog.ts';
import {
  type CleanupPolicy,
  compilePolicies,
  TooManyPoliciesError,
} from '../../src/retention/compile-policies.ts';
import type { Retention } from '../../src/retention/retention.ts';
import type { Settings } from '../../src/settings/settings.ts';
import { outcomeOf, silenceRepeatedErrors, type Outcome } from '../engine/resources.ts';
import { ReferencedVersions } from '../oci/resources.ts';

export interface ProtectedVersionsArgs {
  readonly settings: Settings;
  readonly retention: Retention;
  readonly references: References;
  readonly images: readonly PlannedImage[];
}

export interface ProtectedVersions {
  readonly cleanupPolicies: pulumi.Output<readonly CleanupPolicy[]>;
  /** The digests of branches that name the image alone. */
  readonly pins: ReferencedVersions['pins'];
}

/**
 * The clean-up policies, with the versions that supported branches need in them. Throws before any other
 * resource changes when the registry does not say which versions these are: policies without them would
 * delete them.
 */
export async function protectedVersions(
  { settings, retention, references, images }: ProtectedVersionsArgs,
  options: pulumi.CustomResourceOptions,
): Promise<ProtectedVersions> {
  const { registry, repositoryPrefix } = settings;
  const { gracePeriod } = retention;
  const needs = neededTags(references);
  const names = [...images.map(({ name }) => name), ...Object.keys(needs)];
  const referenced = new ReferencedVersions(
    'referenced-versions',
    {
      registry,
      repositoryPrefix,
      gracePeriod,
      needs,
      images: [...new Set(names)].sort(),
    },
    options,
  );
  silenceRepeatedErrors(referenced);
  const outcome = await new Promise<Outcome<string>>((resolve) => {
    outcomeOf(referenced.urn).apply(resolve);
  });
  if (outcome.kind === 'failed') {
    throw new pulumi.RunError(
      'which versions the supported branches need could not be read, see referenced-versions: no policy is changed',
    );
  }
  const aliases = references.branches.map(({ alias }) => alias);
  const cleanupPolicies = referenced.digests.apply((digests) => {
    try {
      return compilePolicies(retention, { aliases, digests: digests as Digest[] });
    } catch (error) {
      if (error instanceof TooManyPoliciesError) throw new pulumi.RunError(error.message);
      throw error;
    }
  });
  return { cleanupPolicies, pins: referenced.pins };
}
