import { createHash } from 'node:crypto';
import { invalidArgument } from './api-error.ts';
import { getPolicy, setPolicy, type IamPolicy } from './iam-policy.ts';
import { route, type Route } from './router.ts';
import type { Collection } from './store.ts';

const PROJECT = /^[a-z][a-z0-9-]{4,28}[a-z0-9]$/;

/** Refuses what can't be a project's id ("Creating and managing projects"). */
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

/** Cloud Resource Manager v1. Every project exists; `policies` are theirs, by id. */
export function projectRoutes(policies: Collection<IamPolicy>): Route[] {
  return [
    route('POST', 'v1/projects/{project}:getIamPolicy', ({ params: { project }, body }) => {
      checkProject(project);
      return getPolicy(policies, project, body);
    }),
    route('POST', 'v1/projects/{project}:setIamPolicy', ({ params: { project }, body }) => {
      checkProject(project);
      return setPolicy(policies, project, body);
    }),
    route('GET', 'v1/projects/{project}', ({ params: { project } }) => {
      checkProject(project);
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
