import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseRegistry } from '../../../../src/image-reference.ts';
import { registryClient } from '../../../../src/registry/registry-client.ts';
import { PrerequisiteError } from '../../../toolchain/prerequisite-error.ts';
import { cleanupRoutes } from './cleanup.ts';
import { clockRoutes, openClock } from './clock.ts';
import { createFaults } from './faults.ts';
import { IamPolicy } from './iam-policy.ts';
import { openInventory } from './inventory.ts';
import { openJobs } from './jobs.ts';
import { createOperations } from './operations.ts';
import { projectRoutes, serviceRoutes } from './projects.ts';
import { openRepositories } from './repositories.ts';
import { createRequestLog, handleRequest } from './request-handler.ts';
import { openRoles, openAccounts } from './identities.ts';
import { openCollection } from './store.ts';
import { triggerRoutes } from './triggers.ts';
import { versionRoutes } from './versions.ts';
import { workloadIdentityRoutes } from './workload-identity.ts';

export interface GoogleApiOptions {
  /** The registry that holds the images, `127.0.0.1:<port>`. The emulator sends it no credentials. */
  readonly registry: string;
  /** Where state is kept, for the next start. */
  readonly folder: string;
  /** Any free one if absent. */
  readonly port?: number;
  /** Real time, in milliseconds since 1970. */
  readonly clock?: () => number;
}

export interface GoogleApi {
  /** `127.0.0.1:<port>`. */
  readonly address: string;
  close(): Promise<void>;
}

/**
 * Starts the emulator of the Google APIs that the program needs (Artifact Registry, Cloud Scheduler,
 * Cloud Build's triggers, IAM, Resource Manager, Service Usage) on loopback, all at
 * `http://<address>/v1/`. At `/emulator/v1/` it has what no Google API has: methods that move its
 * clock, run its jobs and its clean-up, and make it fail.
 */
export async function startGoogleApi(options: GoogleApiOptions): Promise<GoogleApi> {
  const { registry, folder, port = 0, clock: base = Date.now } = options;
  const parsed = parseRegistry(registry);
  if (parsed === undefined) {
    throw new PrerequisiteError(
      `"${registry}" is no address of a registry`,
      'give its host and port, such as 127.0.0.1:5000',
    );
  }
  const client = registryClient({ registry: parsed, credentials: undefined, timeout: 10_000 });
  const clock = openClock(folder, base);
  const operations = createOperations(() => clock.timestamp());
  const world = { folder, clock, operations };
  const inventory = openInventory(folder, client, clock);
  const repositories = openRepositories(world, registry, inventory);
  const accounts = openAccounts(world);
  const roles = openRoles(world);
  const projectPolicies = openCollection(folder, 'project-iam', IamPolicy);
  const jobs = openJobs(world);
  const faults = createFaults();
  const requests = createRequestLog();
  // An image that was pushed before the clock moves must not look as if it was pushed after.
  const beforeMove = async () => {
    for (const [name] of repositories.entries()) await inventory.versions(name);
  };
  const routes = [
    ...faults.routes,
    ...requests.routes,
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
  const front = { routes, faults, requests, closing: closing.signal };
  const server = createServer((request, response) => void handleRequest(front, request, response));
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      closing.abort();
      await jobs.runner.close();
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
