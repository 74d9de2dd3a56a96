import { z } from 'zod';
import { invalidArgument } from './api-error.ts';
import { checkCleanupPolicies, CleanupPolicy } from './cleanup-policy.ts';
import { pathOf, type Inventory } from './inventory.ts';
import { textUpTo } from './message-json.ts';
import { openResources, type Resources, type World } from './resources.ts';

const LABEL = 'lower-case letters, digits, "_" and "-", at most 63';

const MUTABLE = {
  description: textUpTo(1024),
  /** By the grammar that all Google APIs share ("Requirements for labels"). */
  labels: z.record(
    z.string().regex(/^[\p{Ll}\p{Lo}][\p{Ll}\p{Lo}\p{N}_-]{0,62}$/u, `label key: ${LABEL}`),
    z.string().regex(/^[\p{Ll}\p{Lo}\p{N}_-]{0,63}$/u, `label value: ${LABEL}`),
  ),
  dockerConfig: z.strictObject({ immutableTags: z.boolean().optional() }),
  cleanupPolicies: z.record(z.string(), CleanupPolicy),
  cleanupPolicyDryRun: z.boolean(),
  vulnerabilityScanningConfig: z.looseObject({
    enablementConfig: z.enum(['INHERITED', 'DISABLED']).optional(),
  }),
};

/**
 * A google.devtools.artifactregistry.v1.Repository, as far as it is for images. Other formats, modes
 * and fields are rejected: to accept and ignore them would be a lie.
 */
const Repository = z
  .strictObject({
    ...MUTABLE,
    name: z.string(),
    format: z.enum(['DOCKER']),
    mode: z.enum(['STANDARD_REPOSITORY']),
    createTime: z.string(),
    updateTime: z.string(),
  })
  .partial();
export type Repository = z.infer<typeof Repository>;
export type Repositories = Resources<Repository>;

/** Artifact Registry's repositories, whose images are in `registry`, and who may use them. */
export function openRepositories(
  world: World,
  registry: string,
  inventory: Inventory,
): Repositories {
  return openResources<Repository>(
    {
      path: 'projects/{project}/locations/{location}/repositories/{repository}',
      file: 'repositories',
      message: Repository,
      mutable: Object.keys(MUTABLE),
      initial({ format, mode = 'STANDARD_REPOSITORY' }, _, createTime) {
        return { format, mode, createTime };
      },
      changedField: 'updateTime',
      check({ format, cleanupPolicies }) {
        if (format === undefined) throw invalidArgument('repository.format is required');
        checkCleanupPolicies(cleanupPolicies);
      },
      id: {
        pattern: /^[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/,
        rule: '1 to 63 lower-case letters, digits and hyphens, a letter first and no hyphen at the end',
      },
      beforeDelete: async (name) => inventory.delete(await inventory.versions(name)),
      operations: {
        verbs: ['create', 'delete'],
        type: 'google.devtools.artifactregistry.v1.Repository',
        parentOf: (name) => name.split('/').slice(0, 4).join('/'),
      },
      policyFile: 'repository-iam',
      view(name, { cleanupPolicies = {}, vulnerabilityScanningConfig, ...repository }) {
        const policies = Object.entries(cleanupPolicies).map(
          ([id, policy]) => [id, { ...policy, id }] as const,
        );
        return {
          ...repository,
          name,
          cleanupPolicies: Object.fromEntries(policies),
          // Google's is the host of the location; here, images are where the registry is.
          registryUri: `${registry}/${pathOf(name)}`,
          vulnerabilityScanningConfig: {
            enablementConfig: vulnerabilityScanningConfig?.enablementConfig,
            enablementState: 'SCANNING_DISABLED',
            enablementStateReason: 'The emulator does not scan.',
          },
        };
      },
    },
    world,
  );
}
