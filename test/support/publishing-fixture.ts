import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inject } from 'vitest';
import { startGoogleApi } from '../../infra/sandbox/emulators/google/google-api.ts';
import {
  parseRegistry,
  parseRepository,
  parseTag,
  type Digest,
  type Repository,
} from '../../src/image-reference.ts';
import { registryClient, type RegistryClient } from '../../src/registry/registry-client.ts';
import { callApi, SECRET, type ApiResponse } from '../sandbox/emulators/google/started-api.ts';
import { known } from './fixtures.ts';
import { pushBusyboxBase } from './pushed-bases.ts';
import type { Prerequisites } from '../engine/global-setup.ts';
import { forgetBuilds } from './docker-cli.ts';
import { startRegistry } from './registry.ts';
import { startRegistryGate, type RegistryGate } from './registry-gate.ts';
import {
  makeTestCheckout,
  type CheckoutOptions,
  type TestCheckout,
  TEST_REPOSITORY,
} from './test-checkout.ts';

/** A registry, Google's APIs for it, a base image in it, and checkouts that publish to it. */
export interface PublishingFixture {
  readonly gate: RegistryGate;
  readonly client: RegistryClient;
  /** The Google API emulator: `127.0.0.1:<port>`. */
  readonly emulator: string;
  /** A call of the emulator by somebody else than the program: `PATCH`, `v1/projects/...`. */
  call(method: string, path: string, body?: unknown): Promise<ApiResponse>;
  /** Ends the emulator for as long as `run` takes; what it holds stays. */
  withoutEmulator<T>(run: () => Promise<T>): Promise<T>;
  /** A pinned reference. */
  readonly base: string;
  checkout(options?: CheckoutOptions): Promise<TestCheckout>;
  /** The path of an image's repository in the registry. */
  repository(name: string): Repository;
  /** The digest that a tag of an image names now. */
  digest(name: string, tag: string): Promise<Digest | undefined>;
  /** Makes the Docker Engine forget every image of this registry, and its build cache. */
  forgetBuilds(): Promise<void>;
  close(): Promise<void>;
}

export async function startPublishingFixture(
  prerequisites: Prerequisites = inject('prerequisites'),
): Promise<PublishingFixture> {
  const folder = mkdtempSync(join(tmpdir(), 'publishing-'));
  const registry = await startRegistry({ dir: join(folder, 'registry') });
  const gate = await startRegistryGate(registry.address);
  // Past the gate, which is there to see what the engine and its plug-ins ask the registry.
  const state = join(folder, 'google-api');
  const options = { registry: registry.address, folder: state, secret: SECRET };
  let emulator = await startGoogleApi(options);
  const checkouts: TestCheckout[] = [];
  const repository = (name: string) =>
    known(parseRepository(`${TEST_REPOSITORY.project}/${TEST_REPOSITORY.id}/${name}`));
  const client = registryClient({
    registry: known(parseRegistry(gate.address)),
    credentials: undefined,
  });
  const addresses = { registry: gate.address, emulator: emulator.address };

  return {
    gate,
    client,
    emulator: emulator.address,
    call: (method, path, body) => callApi(emulator.address, method, path, body),
    async withoutEmulator(run) {
      const port = Number(emulator.address.split(':')[1]);
      await emulator.close();
      try {
        return await run();
      } finally {
        emulator = await startGoogleApi({ ...options, port });
      }
    },
    repository,
    base: await pushBusyboxBase(gate.address, prerequisites.busybox),
    async checkout(options) {
      const checkout = await makeTestCheckout(prerequisites, addresses, options);
      checkouts.push(checkout);
      return checkout;
    },
    async digest(name, tag) {
      return (await client.headManifest(repository(name), known(parseTag(tag))))?.digest;
    },
    forgetBuilds: () => forgetBuilds(gate.address),
    async close() {
      try {
        if (!prerequisites.isOwnDocker) await forgetBuilds(gate.address);
      } finally {
        for (const checkout of checkouts) checkout.remove();
        await emulator.close();
        await gate.close();
        await registry.stop();
        rmSync(folder, { recursive: true });
      }
    },
  };
}
