import { z } from 'zod';
import { ApiError, invalidArgument } from './api-error.ts';
import { checkCleanupPolicies, CleanupPolicy } from './cleanup-policy.ts';
import { checkLabels, Labels } from './wire-values.ts';

const FORMATS = [
  'DOCKER',
  'MAVEN',
  'NPM',
  'APT',
  'YUM',
  'GOOGET',
  'PYTHON',
  'KFP',
  'GO',
  'GENERIC',
  'RUBY',
] as const;
const MODES = ['STANDARD_REPOSITORY', 'VIRTUAL_REPOSITORY', 'REMOTE_REPOSITORY'] as const;

/**
 * What may be written of a google.devtools.artifactregistry.v1.Repository that holds images; what
 * Google alone writes is accepted and left out, as Google does.
 */
export const RepositoryBody = z.strictObject({
  name: z.string().optional(),
  format: z.enum(['FORMAT_UNSPECIFIED', ...FORMATS]).optional(),
  mode: z.enum(['MODE_UNSPECIFIED', ...MODES]).optional(),
  description: z.string().optional(),
  labels: Labels.optional(),
  kmsKeyName: z.string().optional(),
  dockerConfig: z.strictObject({ immutableTags: z.boolean().optional() }).optional(),
  cleanupPolicies: z.record(z.string(), CleanupPolicy).optional(),
  cleanupPolicyDryRun: z.boolean().optional(),
  vulnerabilityScanningConfig: z
    .looseObject({ enablementConfig: z.enum(['INHERITED', 'DISABLED']).optional() })
    .optional(),
  mavenConfig: z.looseObject({}).optional(),
  virtualRepositoryConfig: z.looseObject({}).optional(),
  remoteRepositoryConfig: z.looseObject({}).optional(),
  createTime: z.string().optional(),
  updateTime: z.string().optional(),
  sizeBytes: z.string().optional(),
  satisfiesPzs: z.boolean().optional(),
  satisfiesPzi: z.boolean().optional(),
  registryUri: z.string().optional(),
});
export type RepositoryBody = z.infer<typeof RepositoryBody>;

/** A repository as it is stored; its name is the key. */
export const Repository = RepositoryBody.extend({ createTime: z.string(), updateTime: z.string() });
export type Repository = z.infer<typeof Repository>;

/** The fields that `patch` may change. */
export const MUTABLE_FIELDS = [
  'description',
  'labels',
  'dockerConfig',
  'cleanupPolicies',
  'cleanupPolicyDryRun',
  'vulnerabilityScanningConfig',
] as const;

/** What Google has and this program does not need; to take and ignore it would be a lie. */
const FOREIGN_FIELDS = [
  'kmsKeyName',
  'mavenConfig',
  'virtualRepositoryConfig',
  'remoteRepositoryConfig',
] as const;

const REPOSITORY_ID = /^[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const LONGEST_DESCRIPTION = 1024;

/** A repository's place: `projects/<project>/locations/<location>/repositories/<repository>`. */
export interface RepositoryPlace {
  readonly project: string;
  readonly location: string;
  readonly repository: string;
}

export function repositoryName({ project, location, repository }: RepositoryPlace): string {
  return `projects/${project}/locations/${location}/repositories/${repository}`;
}

/** The location that a repository is in, by its full name. */
export function locationOf({ project, location }: { project: string; location: string }): string {
  return `projects/${project}/locations/${location}`;
}

export function placeOf(name: string): RepositoryPlace {
  const [, project = '', , location = '', , repository = ''] = name.split('/');
  return { project, location, repository };
}

export function checkRepositoryId(id: string | undefined): string {
  if (id === undefined || id === '') throw invalidArgument('repository_id is required');
  if (REPOSITORY_ID.test(id)) return id;
  throw invalidArgument(
    `invalid repository id "${id}": 1 to 63 lower-case letters, digits and hyphens, ` +
      'a letter first and no hyphen at the end',
  );
}

/** Refuses a body that has the right shape but can't be. */
export function checkRepository(body: RepositoryBody): void {
  const { format, mode, description = '', labels, cleanupPolicies } = body;
  if (format === undefined || format === 'FORMAT_UNSPECIFIED') {
    throw invalidArgument('repository.format is required');
  }
  if (format !== 'DOCKER' || (mode !== undefined && mode !== 'STANDARD_REPOSITORY')) {
    throw new ApiError('UNIMPLEMENTED', 'The emulator has standard Docker repositories only.');
  }
  const foreign = FOREIGN_FIELDS.find((field) => body[field] !== undefined);
  if (foreign !== undefined) {
    throw new ApiError('UNIMPLEMENTED', `The emulator knows nothing of repository.${foreign}.`);
  }
  if (description.length > LONGEST_DESCRIPTION) {
    throw invalidArgument(`description has more than ${LONGEST_DESCRIPTION} characters`);
  }
  checkLabels(labels);
  checkCleanupPolicies(cleanupPolicies);
}
