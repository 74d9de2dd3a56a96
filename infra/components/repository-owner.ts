import { getRepository } from '@pulumi/gcp/artifactregistry/getRepository.js';
import pulumi from '@pulumi/pulumi';
import { REPOSITORY_TYPE, repositoryLeft } from '../../src/plan/left-repository.ts';
import { messageOf } from '../../src/problem.ts';
import { sha256 } from '../../src/tag/hash-context.ts';
import type { Settings } from '../../src/settings/settings.ts';
import { typesBefore } from '../engine/run-before.ts';

/** The label of the repository that names the stack which declares it. */
export const OWNER_LABEL = 'owner';

/** The label of a repository whose stack has only the part of pipelines. */
export const PART_LABEL = 'part';

/** Google: lower-case letters, digits, dashes and underscores ("Requirements for labels"). */
const LONGEST_LABEL = 63;

/** The value of the label for this stack: organization, project and stack; a long one ends in a hash. */
export function ownLabel(): string {
  const parts = [pulumi.getOrganization(), pulumi.getProject(), pulumi.getStack()];
  const name = parts.join('_').toLowerCase();
  const label = name.replaceAll(/[^a-z0-9_-]/g, '-');
  if (label.length <= LONGEST_LABEL) return label;
  const hash = sha256([name]).slice(0, 8);
  return `${label.slice(0, LONGEST_LABEL - hash.length - 1)}-${hash}`;
}

/** How the gcp plug-in says that there is no such repository, or no API yet that could have one. */
const NO_REPOSITORY = / not found\b|SERVICE_DISABLED|has not been used in project/;

type Place = Pick<Settings, 'part' | 'repositoryId' | 'location'>;

/** The labels of the repository at Google; `undefined` where it is not there, and a text where they are not known. */
async function labelsOf({ repositoryId, location }: Place) {
  try {
    return (await getRepository({ repositoryId, location })).effectiveLabels;
  } catch (error) {
    const reason = messageOf(error);
    return NO_REPOSITORY.test(reason) ? undefined : reason;
  }
}

/**
 * Throws when the repository belongs to another stack, or this stack may still have what is another stack's: the
 * engine would delete it. A repository without an owner is taken over by the run that declares it. Where Google does
 * not respond, the resources report why, unless this stack has one part only.
 */
export async function checkOwner(settings: Place): Promise<void> {
  const { part, repositoryId, location } = settings;
  const labels = await labelsOf(settings);
  if (typeof labels === 'string') {
    const problem = `whose repository ${repositoryId} is could not be looked up: ${labels}`;
    if (part !== 'all') throw new pulumi.RunError(problem);
    await pulumi.log.warn(problem);
    return;
  }
  if (labels === undefined) return;
  const { [OWNER_LABEL]: owner, [PART_LABEL]: partOfOwner } = labels;
  const update = `  gcloud artifacts repositories update ${repositoryId} --location=${location}`;
  if (part === 'access') {
    if (owner !== ownLabel()) return;
    throw new pulumi.RunError(
      `this stack declares the repository ${repositoryId}, and its part is access: it would lose what it has\n` +
        'set part: daily, and part: access in the settings of another stack',
    );
  }
  if (owner !== undefined && owner !== ownLabel()) {
    throw new pulumi.RunError(
      `the repository ${repositoryId} in ${location} belongs to the stack ${owner}, and this is ${ownLabel()}: ` +
        'each would delete what only the other needs\n' +
        'set another repositoryId; or, once the other stack has ended, hand the repository over with\n' +
        `${update} --remove-labels=${OWNER_LABEL}`,
    );
  }
  if (part === 'daily' && partOfOwner !== part) {
    throw new pulumi.RunError(
      `this stack may still have the grants, identities and schedule of ${repositoryId}, which its part daily ` +
        'does not have: they would be deleted\n' +
        'move them as infra/PRODUCTION.md says ("From one stack to two"), and confirm it with\n' +
        `${update} --update-labels=${PART_LABEL}=daily`,
    );
  }
}

/** Throws where the stack has a repository from a run with another destination: the engine would try to delete it. */
export async function expectNoRepository(): Promise<void> {
  if (!(await typesBefore()).includes(REPOSITORY_TYPE)) return;
  const { problem, remedy } = repositoryLeft(pulumi.getStack());
  throw new pulumi.RunError(`${problem}\n${remedy}`);
}
