import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { startGoogleApi } from '../../../../infra/sandbox/emulators/google/google-api.ts';
import { startMemoryRegistry } from '../../emulators/google/memory-registry.ts';
import { callApi, type Answer } from '../../emulators/google/started-api.ts';
import type { Run } from '../../../support/processes.ts';
import { makeGcpCheckout, type GcpCheckout } from './gcp-checkout.ts';

export const TOKEN = 'token-of-the-tests';

/** The real engine and the stand-in, before an emulator of their own. */
export interface GcpEngine {
  readonly checkout: GcpCheckout;
  /** `127.0.0.1:<port>` of the registry. */
  readonly registry: string;
  /** Writes the settings of the stack: the provider's, for the emulator, and others. */
  readonly configure: (more?: Readonly<Record<string, string>>) => void;
  readonly up: (...args: string[]) => Promise<Run>;
  /** Fails where a refresh or the program would change anything. */
  readonly expectNoDifference: () => Promise<void>;
  /** A call of the emulator by somebody else. */
  readonly call: (method: string, path: string, body?: unknown) => Promise<Answer>;
  readonly close: () => Promise<void>;
}

/**
 * @param engine the engine's command
 * @param program the text of the program
 * @param trigger full name of the Cloud Build trigger that is the program's setting `target`
 */
export async function startGcpEngine(
  engine: string,
  program: string,
  trigger: string,
): Promise<GcpEngine> {
  const folder = mkdtempSync(join(tmpdir(), 'google-api-'));
  const registry = await startMemoryRegistry();
  const api = await startGoogleApi({ registry: registry.address, folder });
  const address = `http://${api.address}/v1/`;
  const checkout = await makeGcpCheckout(engine, program);
  return {
    checkout,
    registry: registry.address,
    configure(more = {}) {
      checkout.configure({
        'gcp:project': 'ci-images',
        'gcp:region': 'europe-west4',
        'gcp:accessToken': TOKEN,
        'gcp:skipRegionValidation': 'true',
        'gcp:artifactRegistryCustomEndpoint': address,
        'gcp:cloudSchedulerCustomEndpoint': address,
        'gcp:iamBetaCustomEndpoint': address,
        'gcp:resourceManagerCustomEndpoint': address,
        'gcp:serviceUsageCustomEndpoint': address,
        'scratch:target': `${address}${trigger}:run`,
        ...more,
      });
    },
    up: (...args) => checkout.pulumi('up', '--yes', '--skip-preview', ...args),
    async expectNoDifference() {
      const { code, output } = await checkout.pulumi('preview', '--refresh', '--expect-no-changes');
      expect(output).not.toMatch(/error/);
      expect(code).toBe(0);
    },
    call: (method, path, body) => callApi(api.address, method, path, body),
    async close() {
      checkout.remove();
      await api.close();
      await registry.close();
      rmSync(folder, { recursive: true });
    },
  };
}
