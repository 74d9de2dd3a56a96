import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inject } from 'vitest';
import {
  parseRegistry,
  parseRepository,
  parseTag,
  type Digest,
} from '../../src/image-reference.ts';
import { registryClient, type RegistryClient } from '../../src/registry/registry-client.ts';
import { pushBusyboxBase } from './busybox-base.ts';
import { forgetBuilds } from './forget-builds.ts';
import { startRegistry } from './registry.ts';
import { startRegistryGate, type RegistryGate } from './registry-gate.ts';
import { makeTestCheckout, type TestCheckout } from './test-checkout.ts';

/** A registry, a base image in it, and checkouts that publish to it. */
export interface PublishingFixture {
  readonly gate: RegistryGate;
  readonly client: RegistryClient;
  /** A pinned reference. */
  readonly base: string;
  checkout(umask?: number): Promise<TestCheckout>;
  /** The digest that a tag of `ci/<name>` names now. */
  digest(name: string, tag: string): Promise<Digest | undefined>;
  /** Makes the Docker Engine forget every image of this registry, and its build cache. */
  forgetBuilds(): Promise<void>;
  close(): Promise<void>;
}

export async function startPublishingFixture(): Promise<PublishingFixture> {
  const prerequisites = inject('prerequisites');
  const folder = mkdtempSync(join(tmpdir(), 'publishing-'));
  const registry = await startRegistry({ dir: folder });
  const gate = await startRegistryGate(registry.address);
  const checkouts: TestCheckout[] = [];
  const client = registryClient({
    registry: parsed(parseRegistry, gate.address),
    credentials: undefined,
  });

  return {
    gate,
    client,
    base: await pushBusyboxBase(gate.address, prerequisites.busybox),
    async checkout(umask) {
      const checkout = await makeTestCheckout(prerequisites, gate.address, umask);
      checkouts.push(checkout);
      return checkout;
    },
    async digest(name, tag) {
      const repository = parsed(parseRepository, `ci/${name}`);
      return (await client.headManifest(repository, parsed(parseTag, tag)))?.digest;
    },
    forgetBuilds: () => forgetBuilds(gate.address),
    async close() {
      await forgetBuilds(gate.address);
      for (const checkout of checkouts) checkout.remove();
      await gate.close();
      await registry.stop();
      rmSync(folder, { recursive: true });
    },
  };
}

function parsed<T>(parse: (text: string) => T | undefined, value: string): T {
  const result = parse(value);
  if (result === undefined) throw new Error(`cannot be parsed: ${value}`);
  return result;
}
