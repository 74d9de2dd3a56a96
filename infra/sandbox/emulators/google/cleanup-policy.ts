import { z } from 'zod';
import { invalidArgument } from './api-error.ts';
import { Duration, millisecondsOf } from './duration.ts';
import { Int } from './wire-values.ts';

/** google.devtools.artifactregistry.v1.CleanupPolicy (repository.proto). */
export const CleanupPolicy = z.strictObject({
  id: z.string().optional(),
  action: z.enum(['ACTION_UNSPECIFIED', 'DELETE', 'KEEP']).optional(),
  condition: z
    .strictObject({
      tagState: z.enum(['TAG_STATE_UNSPECIFIED', 'TAGGED', 'UNTAGGED', 'ANY']).optional(),
      tagPrefixes: z.array(z.string()).optional(),
      versionNamePrefixes: z.array(z.string()).optional(),
      packageNamePrefixes: z.array(z.string()).optional(),
      olderThan: Duration.optional(),
      newerThan: Duration.optional(),
    })
    .optional(),
  mostRecentVersions: z
    .strictObject({
      keepCount: Int.optional(),
      packageNamePrefixes: z.array(z.string()).optional(),
    })
    .optional(),
});
export type CleanupPolicy = z.infer<typeof CleanupPolicy>;

const MOST_POLICIES = 10;
const LONGEST_ID = 127;

/** Refuses what Google refuses of a repository's policies, as one INVALID_ARGUMENT with every reason. */
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
  const rules: readonly (readonly [boolean, string])[] = [
    [key === '' || key.length > LONGEST_ID, `the id must have 1 to ${LONGEST_ID} characters`],
    [id !== undefined && id !== key, `the id "${id ?? ''}" differs from the key`],
    [action === undefined || action === 'ACTION_UNSPECIFIED', 'is missing an action'],
    // In these words (terraform-provider-google#22495).
    [condition === undefined && recent === undefined, 'is missing a condition'],
    [
      condition !== undefined && recent !== undefined,
      'has both a condition and mostRecentVersions: only one can be set',
    ],
    [action === 'DELETE' && recent !== undefined, 'mostRecentVersions needs the action KEEP'],
    [recent !== undefined && (recent.keepCount ?? 0) < 1, 'keepCount must be at least 1'],
  ];
  const broken = rules.filter(([isBroken]) => isBroken).map(([, problem]) => problem);
  return [...broken, ...conditionProblems(condition ?? {})].map((text) => `policy ${key} ${text}`);
}

function conditionProblems(condition: NonNullable<CleanupPolicy['condition']>): string[] {
  const { tagState, tagPrefixes = [], olderThan, newerThan } = condition;
  const problems: string[] = [];
  if (tagPrefixes.length > 0 && tagState !== 'TAGGED') {
    problems.push('has tagPrefixes, which need the tagState TAGGED');
  }
  const prefixes = ['tagPrefixes', 'versionNamePrefixes', 'packageNamePrefixes'] as const;
  for (const field of prefixes) {
    if (condition[field]?.includes('') === true) problems.push(`has an empty prefix in ${field}`);
  }
  for (const duration of [olderThan, newerThan]) {
    if (duration !== undefined && millisecondsOf(duration) < 0) {
      problems.push(`has the negative duration ${duration}`);
    }
  }
  return problems;
}
