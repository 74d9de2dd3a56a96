import fc from 'fast-check';
import { expect, test } from 'vitest';
import { evaluatePolicies as evaluateInEmulator } from '../../infra/sandbox/emulators/google/evaluate-policies.ts';
import {
  checkCleanupPolicies,
  CleanupPolicy,
} from '../../infra/sandbox/emulators/google/cleanup-policy.ts';
import { compilePolicies } from '../../src/retention/compile-policies.ts';
import type { Protection } from '../../src/retention/keep-lists.ts';
import { evaluatePolicies } from '../../src/retention/evaluate-policies.ts';
import type { Retention } from '../../src/retention/retention.ts';
import { anyInventory, anyProtection, anyRetention } from './any-retention.ts';
import { NOW } from './retention-fixture.ts';

/** The policies as the emulator takes them from a request: a map by id, read by its own schema. */
function asSent(retention: Retention, protection: Protection): Record<string, CleanupPolicy> {
  const policies = compilePolicies(retention, protection).map(({ id, ...policy }) => [
    id,
    CleanupPolicy.parse(JSON.parse(JSON.stringify(policy))),
  ]);
  return Object.fromEntries(policies) as Record<string, CleanupPolicy>;
}

test('the emulator takes whatever compiles', () => {
  fc.assert(
    fc.property(anyRetention, anyProtection, (retention, protection) => {
      checkCleanupPolicies(asSent(retention, protection));
    }),
  );
});

test('what is forecast is what the emulator decides, by the same policies', () => {
  fc.assert(
    fc.property(anyRetention, anyProtection, anyInventory, (retention, protection, versions) => {
      const forecast = evaluatePolicies(compilePolicies(retention, protection), versions, NOW);
      const subjects = versions.map(({ packageName, digest, tags, uploadedAt }) => ({
        packageName,
        versionName: digest,
        tags,
        uploaded: uploadedAt.getTime(),
      }));
      const decided = evaluateInEmulator(asSent(retention, protection), subjects, NOW.getTime());
      const brief = (action: string, policies: readonly string[]) =>
        [action === 'NONE' ? 'keep' : action.toLowerCase(), ...[...policies].sort()].join(' ');
      expect(forecast.map(({ action, policies }) => brief(action, policies))).toEqual(
        decided.map(({ action, policies }) => brief(action, policies)),
      );
    }),
  );
});
