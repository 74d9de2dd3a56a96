import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseRegistry } from '../../../../src/image-reference.ts';
import { registryClient } from '../../../../src/registry/registry-client.ts';
import { PrerequisiteError } from '../../../toolchain/prerequisite-error.ts';
import { answerRequest, type Front } from './answer-request.ts';
import { cleanupRoutes } from './cleanup.ts';
import { clockRoutes, openClock } from './clock.ts';
import { createFaults } from './faults.ts';
import { googleRoutes } from './google-routes.ts';
import { openInventory } from './inventory.ts';
import { createJobRunner } from './job-runner.ts';
import { Job } from './job.ts';
import { jobRoutes } from './jobs.ts';
import { openOperations } from './operations.ts';
import { placeOf, Repository } from './repository.ts';
import { createRequestLog } from './request-log.ts';
import type { Route } from './router.ts';
import { openCollection } from './store.ts';
import type { World } from './world.ts';

export interface GoogleApiOptions {
  /** The registry that holds the images, `127.0.0.1:<port>`; it is asked as anybody. */
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
 * `http://<address>/v1/`; and what no Google API has, to move its clock, run its jobs and make it
 * fail, at `/emulator/v1/`.
 */
export async function startGoogleApi(options: GoogleApiOptions): Promise<GoogleApi> {
  const closing = new AbortController();
  const world = openWorld(options);
  const jobs = openCollection(options.folder, 'jobs', Job);
  const runner = createJobRunner(jobs, world.clock);
  const routes = [...googleRoutes(world), ...jobRoutes(jobs, world.clock, runner)];
  const front = frontOf(world, routes, closing.signal);
  const server = createServer((request, response) => void answerRequest(front, request, response));
  server.listen(options.port ?? 0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      closing.abort();
      await runner.close();
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

function openWorld({ registry, folder, clock: base = Date.now }: GoogleApiOptions): World {
  const parsed = parseRegistry(registry);
  if (parsed === undefined) {
    throw new PrerequisiteError(
      `"${registry}" is no address of a registry`,
      'give its host and port, such as 127.0.0.1:5000',
    );
  }
  const client = registryClient({ registry: parsed, credentials: undefined, timeout: 10_000 });
  const clock = openClock(folder, base);
  return {
    folder,
    clock,
    operations: openOperations(folder, () => clock.timestamp()),
    registry,
    client,
    repositories: openCollection(folder, 'repositories', Repository),
    inventory: openInventory(folder, client, clock),
  };
}

/** Adds what the emulator has and Google has not. */
function frontOf(world: World, routes: readonly Route[], closing: AbortSignal): Front {
  const { clock, repositories, inventory } = world;
  const faults = createFaults();
  const requests = createRequestLog();
  // What was pushed before the clock moves must not look as if it was pushed after.
  const beforeMove = async () => {
    for (const [name] of repositories.entries()) await inventory.versions(placeOf(name));
  };
  const own = [...faults.routes, ...requests.routes, ...clockRoutes(clock, beforeMove)];
  return {
    routes: [...own, ...cleanupRoutes(world), ...routes],
    faults,
    requests,
    closing,
  };
}
