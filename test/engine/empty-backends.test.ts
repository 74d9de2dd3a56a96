import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stateIn } from '../../infra/sandbox/engine-environment.ts';
import { plannedTags, succeeded } from '../support/engine-output.ts';
import { readBranchesOf, startPlainStack, type PlainStack } from '../support/plain-stack.ts';
import { startPublishingFixture, type PublishingFixture } from '../support/publishing-fixture.ts';
import type { RegistryGate } from '../support/registry-gate.ts';
import { up, type TestCheckout } from '../support/test-checkout.ts';
import { sharedFolder } from '../git/temporary-folder.ts';

// Each run has a state of its own, which it begins: as a pipeline without a backend that stays.

const folder = sharedFolder();
let runs = 0;

/** The writes to the registry, `METHOD path`, by a run that knows nothing of the runs before. */
async function writesOf(checkout: TestCheckout, gate: RegistryGate): Promise<readonly string[]> {
  runs += 1;
  const state = join(folder, String(runs));
  mkdirSync(state);
  const run = (...args: string[]) =>
    succeeded(checkout.run('pulumi', args, { PULUMI_BACKEND_URL: stateIn(state) }));
  await run('stack', 'init', 'sandbox');
  gate.forget();
  await run(...up());
  return gate.seen.filter((line) => /^(?:PUT|POST|PATCH|DELETE) /.test(line));
}

describe('a plain registry', () => {
  let stack: PlainStack;
  const writes = () => writesOf(stack.checkout, stack.gate);
  const pin = 'ci-release-1.0';

  beforeAll(async () => {
    stack = await startPlainStack(['alpha', 'beta']);
    for (const branch of ['main', 'release-1.0']) {
      stack.push(branch, { 'tests/a.yml': 'cloud_image: alpha\n' });
    }
    readBranchesOf(stack);
    stack.checkout.commit();
  });
  afterAll(() => stack.close());

  it('is published to by the first run, and not written to by the second', async () => {
    expect(await writes()).not.toEqual([]);
    expect(await stack.digest('alpha', pin)).toBe(await stack.digest('alpha', 'latest'));
    expect(await writes()).toEqual([]);
  });

  it('gets what a newer commit changes, keeps the pin, and is not written to again', async () => {
    const pinned = await stack.digest('alpha', pin);
    stack.checkout.write('config/contexts/alpha/content', 'newer\n');
    stack.checkout.commit();
    const written = await writes();
    expect(written.filter((line) => line.includes('/beta/'))).toEqual([]);
    const { alpha = '' } = plannedTags(stack.checkout);
    const latest = await stack.digest('alpha', 'latest');
    expect(latest).toBe(await stack.digest('alpha', alpha));
    expect(latest).not.toBe(pinned);
    expect(await stack.digest('alpha', pin)).toBe(pinned);
    expect(await writes()).toEqual([]);
    expect(await stack.digest('alpha', pin)).toBe(pinned);
  });

  it('has the version of a release that left marked once', async () => {
    const pinned = await stack.digest('alpha', pin);
    for (const branch of ['release-1.1', 'release-1.2']) {
      stack.push(branch, { 'tests/a.yml': 'cloud_image: alpha\n' });
    }
    const written = await writes();
    // Each request may come a second time, with the login.
    expect(new Set(written.filter((line) => line.includes('unreferenced-'))).size).toBe(1);
    expect(await stack.digest('alpha', pin)).toBe(pinned);
    expect(await writes()).toEqual([]);
  });
});

describe('a repository of others', () => {
  let fixture: PublishingFixture;
  let checkout: TestCheckout;

  beforeAll(async () => {
    fixture = await startPublishingFixture();
    checkout = await fixture.checkout();
    checkout.configure({ destination: 'borrowed' });
    checkout.declare(['alpha', 'beta'], fixture.base);
    checkout.commit();
  });
  afterAll(() => fixture.close());

  it('is published to by the first run, and not written to by the second', async () => {
    expect(await writesOf(checkout, fixture.gate)).not.toEqual([]);
    expect(await writesOf(checkout, fixture.gate)).toEqual([]);
    checkout.write('config/contexts/alpha/content', 'newer\n');
    checkout.commit();
    const written = await writesOf(checkout, fixture.gate);
    expect(written.filter((line) => line.includes('/beta/'))).toEqual([]);
    expect(await writesOf(checkout, fixture.gate)).toEqual([]);
  });
});
