import { z } from 'zod';
import { ApiError, invalidArgument } from './api-error.ts';
import { checkCleanupPolicies, CleanupPolicy } from './cleanup-policy.ts';
import { Labels, textUpTo } from './field-types.ts';
import { pathOf, type Inventory } from './inventory.ts';
import { checkLocation } from './projects.ts';
import { openResources, type Resources, type World } from './resources.ts';

/**
 * A google.devtools.artifactregistry.v1.Repository, as far as it is for images. Other formats, modes
 * and fields are rejected: to accept and ignore them would be a lie.
 */
const Repository = z
  .strictObject({
    name: z.string(),
    format: z.enum(['DOCKER']),
    mode: z.enum(['STANDARD_REPOSITORY']),
    description: textUpTo(1024),
    labels: Labels,
    dockerConfig: z.strictObject({ immutableTags: z.boolean().optional() }),
    cleanupPolicies: z.record(z.string(), CleanupPolicy),
    cleanupPolicyDryRun: z.boolean(),
    vulnerabilityScanningConfig: z.looseObject({
      enablementConfig: z.enum(['INHERITED', 'DISABLED']).optional(),
    }),
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
  return openResources(
    {
      collection: 'projects/{project}/locations/{location}/repositories',
      parameter: 'repository',
      file: 'repositories',
      message: Repository,
      field: 'repository',
      mutable: [
        'description',
        'labels',
        'dockerConfig',
        'cleanupPolicies',
        'cleanupPolicyDryRun',
        'vulnerabilityScanningConfig',
      ],
      immutable: ['format', 'mode'],
      initial: ({ mode = 'STANDARD_REPOSITORY' }, _, now) => ({
        mode,
        createTime: now,
        updateTime: now,
      }),
      patched: (updateTime) => ({ updateTime }),
      check({ format, cleanupPolicies }) {
        if (format === undefined) throw invalidArgument('repository.format is required');
        checkCleanupPolicies(cleanupPolicies);
      },
      id: {
        pattern: /^[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/,
        rule: '1 to 63 lower-case letters, digits and hyphens, a letter first and no hyphen at the end',
      },
      idParameter: 'repositoryId',
      checkNew(name, stored) {
        checkLocation(name, { multiRegions: true });
        // At Google each location is a host of its own; here, both would be one path of one registry.
        const same = stored.entries().find(([other]) => pathOf(other) === pathOf(name));
        if (same === undefined) return;
        throw new ApiError(
          'FAILED_PRECONDITION',
          `The emulator keeps one repository of a name in a project, and ${same[0]} is there.`,
        );
      },
      beforeDelete: async (name) => inventory.delete(await inventory.versions(name)),
      operations: {
        verbs: ['create', 'delete'],
        type: 'google.devtools.artifactregistry.v1.Repository',
        parentOf: (name) => name.split('/').slice(0, 4).join('/'),
      },
      policies: { file: 'repository-iam', method: 'GET' },
      view(name, { cleanupPolicies = {}, vulnerabilityScanningConfig, ...repository }) {
        const policies = Object.entries(cleanupPolicies);
        return {
          ...repository,
          name,
          cleanupPolicies: Object.fromEntries(
            policies.map(([id, policy]) => [id, { ...policy, id }]),
          ),
          sizeBytes: String(inventory.size(name)),
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
