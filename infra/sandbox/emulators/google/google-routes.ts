import { openBuilds } from './builds.ts';
import { dockerImageRoutes } from './docker-images.ts';
import { openIdentities } from './identities.ts';
import { packageRoutes } from './packages.ts';
import { projectRoutes } from './projects.ts';
import { repositoryRoutes } from './repositories.ts';
import { roleRoutes } from './roles.ts';
import type { Route } from './router.ts';
import { serviceAccountRoutes } from './service-accounts.ts';
import { serviceRoutes } from './services.ts';
import { triggerRoutes } from './triggers.ts';
import { versionDeletionRoutes } from './version-deletions.ts';
import { versionRoutes } from './versions.ts';
import { openPools, poolRoutes } from './workload-identity-pools.ts';
import { providerRoutes } from './workload-identity-providers.ts';
import type { World } from './world.ts';

/** The methods of Google's APIs, but for Cloud Scheduler's, whose jobs run beyond a call. */
export function googleRoutes(world: World): Route[] {
  const { folder, clock, operations } = world;
  const pools = openPools(folder);
  const identities = openIdentities(folder);
  const builds = openBuilds(folder, clock);
  return [
    ...operations.routes,
    ...repositoryRoutes(world),
    ...dockerImageRoutes(world),
    ...packageRoutes(world),
    ...versionRoutes(world),
    ...versionDeletionRoutes(world),
    ...projectRoutes(identities.projectPolicies),
    ...serviceAccountRoutes(folder, identities.accounts),
    ...roleRoutes(identities.roles),
    ...serviceRoutes(folder, operations),
    ...poolRoutes(pools, operations),
    ...providerRoutes(folder, pools, operations),
    ...triggerRoutes({ folder, clock, identities, builds }),
    ...builds.routes,
  ];
}
