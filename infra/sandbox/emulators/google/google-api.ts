import { parseRegistry } from '../../../../src/image-reference.ts';
import { registryClient } from '../../../../src/registry/registry-client.ts';
import { PrerequisiteError } from '../../../toolchain/prerequisite-error.ts';
import { startLoopbackServer, type LoopbackServer } from '../loopback-server.ts';
import { cleanupRoutes } from './cleanup.ts';
import { clockRoutes, openClock } from './clock.ts';
import { createFaults } from './faults.ts';
import { IamPolicy } from './iam-policy.ts';
import { openAccounts, openRoles, workloadIdentityRoutes } from './identities.ts';
import { openInventory } from './inventory.ts';
import { openJobs } from './jobs.ts';
import { createOperations } from './operations.ts';
import { projectRoutes, serviceRoutes } from './projects.ts';
import { openRepositories } from './repositories.ts';
import { route } from './router.ts';
import { handleRequest } from './request-handler.ts';
import { openCollection } from './store.ts';
import { triggerRoutes } from './triggers.ts';
import { versionRoutes } from './versions.ts';

interface GoogleApiOptions {
  /** The registry that holds the images, `127.0.0.1:<port>`. The emulator sends it no credentials. */
  readonly registry: string;
  /** Where state is kept, for the next start. */
  readonly folder: string;
  /** What the emulator's own methods take for a token. Google's methods take any. */
  readonly secret: string;
  /** Any free one if absent. */
  readonly port?: number;
  /** Real time, in milliseconds since 1970. */
  readonly clock?: () => number;
}

/**
 * Starts the emulator of the Google APIs that the program needs (Artifact Registry, Cloud Scheduler,
 * Cloud Build's triggers, IAM, Resource Manager, Service Usage) on loopback, all at
 * `http://<address>/v1/`. At `/emulator/v1/` it has what no Google API has: methods that move its
 * clock, run its jobs and its clean-up, and make it fail; `GET /emulator/` says only that it runs.
 */
export async function startGoogleApi(options: GoogleApiOptions): Promise<LoopbackServer> {
  const { registry, folder, secret, port = 0, clock: base = Date.now } = options;
  const parsed = parseRegistry(registry);
  if (parsed === undefined) {
    throw new PrerequisiteError(
      `"${registry}" is no address of a registry`,
      'give its host and port, such as 127.0.0.1:5000',
    );
  }
  const client = registryClient({ registry: parsed, credentials: undefined, timeout: 10_000 });
  const clock = openClock(folder, base);
  const operations = createOperations(clock);
  const world = { folder, clock, operations };
  const inventory = openInventory(folder, client, clock);
  const repositories = openRepositories(world, registry, inventory);
  const accounts = openAccounts(world);
  const roles = openRoles(world);
  const projectPolicies = openCollection(folder, 'project-iam', IamPolicy);
  const jobs = openJobs(world);
  const faults = createFaults();
  // An image that was pushed before the clock moves must not look as if it was pushed after.
  const beforeMove = async () => {
    for (const [name] of repositories.entries()) await inventory.versions(name);
  };
  const routes = [
    route('GET', 'emulator/', () => ({})),
    ...faults.routes,
    ...clockRoutes(clock, beforeMove),
    ...cleanupRoutes(world, repositories, inventory),
    ...operations.routes,
    ...repositories.routes,
    ...versionRoutes(repositories, registry, inventory),
    ...projectRoutes(projectPolicies),
    ...accounts.routes,
    ...roles.routes,
    ...serviceRoutes(folder, operations),
    ...workloadIdentityRoutes(world),
    ...triggerRoutes(world, { accounts, roles, projectPolicies }),
    ...jobs.routes,
  ];
  const closing = new AbortController();
  const front = { routes, faults, operations, secret, closing: closing.signal };
  const server = await startLoopbackServer(port, (...exchange) =>
    handleRequest(front, ...exchange),
  );
  return {
    address: server.address,
    async close() {
      closing.abort();
      await jobs.close();
      await server.close();
    },
  };
}
