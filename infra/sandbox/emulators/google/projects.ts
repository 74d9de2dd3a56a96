import { createHash } from 'node:crypto';
import { ApiError, invalidArgument } from './api-error.ts';
import { policyRoutes, type IamPolicy } from './iam-policy.ts';
import { route, type Route } from './router.ts';
import type { Collection } from './store.ts';

const PROJECT = /^[a-z][a-z0-9-]{4,28}[a-z0-9]$/;
const REGION = /^[a-z]+-[a-z]+\d{1,2}$/;
const MULTI_REGION = /^(?:us|europe|asia)$/;

/** Rejects a text that is no project's id ("Creating and managing projects"). */
export function checkProject(project: string): void {
  if (PROJECT.test(project)) return;
  throw invalidArgument(
    `Invalid project id "${project}": 6 to 30 lower-case letters, digits and hyphens, a letter first.`,
  );
}

/** The number that Google gives to a project besides its id; always the same for one id here. */
export function projectNumber(project: string): string {
  const hash = createHash('sha256').update(project).digest();
  return String(100_000_000_000 + (hash.readUIntBE(0, 5) % 900_000_000_000));
}

/** Rejects a location that is none, in Google's words for one that it does not show. */
export function checkLocation(name: string, { multiRegions }: { multiRegions: boolean }): void {
  const location = name.split('/')[3] ?? '';
  if (REGION.test(location) || (multiRegions && MULTI_REGION.test(location))) return;
  throw new ApiError(
    'PERMISSION_DENIED',
    `Permission denied on 'locations/${location}' (or it may not exist).`,
  );
}

/** Cloud Resource Manager v1. Every project exists; `policies` are theirs, by id. */
export function projectRoutes(policies: Collection<IamPolicy>): Route[] {
  const idOf = (name: string) => {
    const [, project = ''] = name.split('/');
    checkProject(project);
    return project;
  };
  return [
    ...policyRoutes('v1/projects/{project}', 'POST', policies, idOf),
    route('GET', 'v1/projects/{project}', ({ name: fullName }) => {
      const project = idOf(fullName);
      return {
        projectNumber: projectNumber(project),
        projectId: project,
        lifecycleState: 'ACTIVE',
        name: project,
        createTime: '2026-01-01T00:00:00Z',
      };
    }),
  ];
}
