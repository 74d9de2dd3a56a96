import { z } from 'zod';
import { invalidArgument } from './api-error.ts';
import { Duration } from './message-json.ts';

const Prefixes = z.array(z.string().min(1, 'an empty prefix')).optional();

/** google.devtools.artifactregistry.v1.CleanupPolicy (repository.proto). */
export const CleanupPolicy = z.strictObject({
  id: z.string().optional(),
  action: z.enum(['DELETE', 'KEEP']).optional(),
  condition: z
    .strictObject({
      tagState: z.enum(['TAG_STATE_UNSPECIFIED', 'TAGGED', 'UNTAGGED', 'ANY']).optional(),
      tagPrefixes: Prefixes,
      versionNamePrefixes: Prefixes,
      packageNamePrefixes: Prefixes,
      olderThan: Duration.optional(),
      newerThan: Duration.optional(),
    })
    .optional(),
  mostRecentVersions: z
    .strictObject({
      keepCount: z.int32().optional(),
      packageNamePrefixes: z.array(z.string()).optional(),
    })
    .optional(),
});
export type CleanupPolicy = z.infer<typeof CleanupPolicy>;

const MOST_POLICIES = 10;
const LONGEST_ID = 127;

/** Rejects a repository's policies as Google does, by one INVALID_ARGUMENT with every problem. */
export function checkCleanupPolicies(policies: Readonly<Record<string, CleanupPolicy>> = {}): void {
  const entries = Object.entries(policies);
  const problems = entries.flatMap(([key, policy]) => problemsOf(key, policy));
  if (entries.length > MOST_POLICIES) {
    problems.unshift(`at most ${MOST_POLICIES} policies are allowed, there are ${entries.length}`);
  }
  if (problems.length === 0) return;
  throw invalidArgument(`invalid cleanup policy: ${problems.join('; ')}`);
}

function problemsOf(key: string, policy: CleanupPolicy): string[] {
  const { id, action, condition, mostRecentVersions: recent } = policy;
  const { tagState, tagPrefixes = [] } = condition ?? {};
  const rules: readonly (readonly [boolean, string])[] = [
    [key === '' || key.length > LONGEST_ID, `the id must have 1 to ${LONGEST_ID} characters`],
    [id !== undefined && id !== key, `the id "${id ?? ''}" differs from the key`],
    [action === undefined, 'is missing an action'],
    // In these words (terraform-provider-google#22495).
    [condition === undefined && recent === undefined, 'is missing a condition'],
    [
      condition !== undefined && recent !== undefined,
      'has both a condition and mostRecentVersions: only one can be set',
    ],
    [action === 'DELETE' && recent !== undefined, 'mostRecentVersions needs the action KEEP'],
    [recent !== undefined && (recent.keepCount ?? 0) < 1, 'keepCount must be at least 1'],
    [
      tagPrefixes.length > 0 && tagState !== 'TAGGED',
      'has tagPrefixes, which need the tagState TAGGED',
    ],
  ];
  return rules.filter(([isBroken]) => isBroken).map(([, problem]) => `policy ${key} ${problem}`);
}
