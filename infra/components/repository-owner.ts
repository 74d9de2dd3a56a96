import { getRepository } from '@pulumi/gcp/artifactregistry/getRepository.js';
import pulumi from '@pulumi/pulumi';

/** The label of the repository that names the stack which declares it. */
export const OWNER_LABEL = 'owner';

/** Google: lower-case letters, digits, dashes and underscores ("Requirements for labels"). */
const LONGEST_LABEL = 63;

/** The value of the label for this stack: organization, project and stack. */
export function ownLabel(): string {
  const parts = [pulumi.getOrganization(), pulumi.getProject(), pulumi.getStack()];
  const name = parts.join('_').toLowerCase();
  return name.replaceAll(/[^a-z0-9_-]/g, '-').slice(0, LONGEST_LABEL);
}

/** How the gcp plug-in says that there is no such repository, or no API yet that could have one. */
const NO_REPOSITORY = / not found\b|SERVICE_DISABLED|has not been used in project/;

/**
 * Throws when the repository belongs to another stack. A repository without the label is taken over by the run
 * that declares it. Where Google does not respond, the resources report why.
 */
export async function checkOwner({
  repositoryId,
  location,
}: {
  readonly repositoryId: string;
  readonly location: string;
}): Promise<void> {
  let labels: Readonly<Record<string, string>>;
  try {
    labels = (await getRepository({ repositoryId, location })).effectiveLabels;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    if (!NO_REPOSITORY.test(reason)) {
      await pulumi.log.warn(
        `whose repository ${repositoryId} is could not be looked up: ${reason}`,
      );
    }
    return;
  }
  const { [OWNER_LABEL]: owner = ownLabel() } = labels;
  if (owner === ownLabel()) return;
  throw new pulumi.RunError(
    `the repository ${repositoryId} in ${location} belongs to the stack ${owner}, and this is ${ownLabel()}: ` +
      'each would delete what only the other needs\n' +
      'set another repositoryId; or, once the other stack has ended, hand the repository over with\n' +
      `  gcloud artifacts repositories update ${repositoryId} --location=${location} --remove-labels=${OWNER_LABEL}`,
  );
}
