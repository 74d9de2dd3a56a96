import type { CleanupPolicy } from '../../../../infra/sandbox/emulators/google/cleanup-policy.ts';

/** In milliseconds. */
export const DAY = 86_400_000;
export const NOW = 1000 * DAY;

/** Deletes whatever there is. */
export const ALL: CleanupPolicy = { action: 'DELETE', condition: { tagState: 'ANY' } };
export const keep = (condition: CleanupPolicy['condition']): CleanupPolicy => ({
  action: 'KEEP',
  condition,
});
export const remove = (condition: CleanupPolicy['condition']): CleanupPolicy => ({
  action: 'DELETE',
  condition,
});
export const newest = (keepCount: number, ...packageNamePrefixes: string[]): CleanupPolicy => ({
  action: 'KEEP',
  mostRecentVersions: { keepCount, packageNamePrefixes },
});
