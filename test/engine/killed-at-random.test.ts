import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it, onTestFailed, vi } from 'vitest';
import { z } from 'zod';
import { SEED, share } from '../support/long-haul.ts';
import { plannedTags, succeeded } from '../support/engine-output.ts';
import { processesIn } from '../support/processes.ts';
import { startPublishingFixture, type PublishingFixture } from '../support/publishing-fixture.ts';
import { up, type TestCheckout } from '../support/test-checkout.ts';

const NAMES = ['one', 'two', 'three', 'four', 'five'];
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGKILL'] as const;
/** Each signal at least once. */
const ROUNDS = share(20, SIGNALS.length);

const IMMUTABLE_PUSH = /^PUT .*\/manifests\/[0-9a-f]{32}$/;

interface Round {
  readonly signal: (typeof SIGNALS)[number];
  /** Percent of the time that an `up` takes when nobody disturbs it. */
  readonly moment: number;
}

/** Every signal as often as the others, at moments that are drawn. */
const rounds: readonly Round[] = fc
  .sample(fc.noBias(fc.integer({ min: 0, max: 100 })), { seed: SEED, numRuns: ROUNDS })
  .map((moment, at) => ({ moment, signal: SIGNALS[at % SIGNALS.length] ?? 'SIGKILL' }));

let fixture: PublishingFixture;
let checkout: TestCheckout;
/** How long an `up` takes when nobody disturbs it, in milliseconds. */
let duration: number;
/** `<image>:<tag>` → the digest that it was first seen with, of every immutable tag there ever was. */
const history = new Map<string, string>();
/** What killed engines were at, as far as the state still lists it. */
let pending: readonly string[] = [];

beforeAll(async () => {
  fixture = await startPublishingFixture();
  checkout = await fixture.checkout({ plugIns: 'started' });
  checkout.declare(NAMES, fixture.base);
  await publish();
  write('measured');
  const begun = performance.now();
  await publish();
  duration = performance.now() - begun;
});

afterAll(() => fixture.close());

it.each(rounds)(
  'survives $signal at $moment % of an up, and the next up publishes',
  async ({ signal, moment }) => {
    write(`${signal} ${moment}`);
    const tags = plannedTags(checkout);
    const before = await aliases();
    const { child, done } = checkout.startPulumi(...up());
    const delay = (moment / 100) * duration;
    await Promise.race([sleep(delay), done]);
    child.kill(signal);
    const { output } = await done;
    onTestFailed(() => {
      console.error(`seed ${SEED}: ${signal} after ${delay.toFixed()} ms of ${duration.toFixed()}`);
      console.error(output);
    });
    const pushed = await expectPushedOnce(tags);
    // README.md, "The engine was killed": only a killed one leaves its lock.
    if (signal === 'SIGKILL') expect((await checkout.pulumi('cancel', '--yes')).code).toBe(0);
    await expectExplained(signal);
    for (const [name, digest] of await aliases()) {
      expect([before.get(name), pushed.get(name)], name).toContain(digest);
    }

    await publish();
    const published = await expectPushedOnce(tags);
    expect([...published.values()]).not.toContain(undefined);
    expect(await aliases()).toEqual(published);
    // Nothing that a killed engine started goes on by itself.
    await vi.waitUntil(() => processesIn(checkout.root).length === 0, { timeout: 60_000 });
  },
);

it('leaves every tag as it was first seen', async () => {
  // Of the two publications before the first round, too.
  expect(history.size).toBe((ROUNDS + 2) * NAMES.length);
  const seen = [...history.keys()].map(async (place) => {
    const [name = '', tag = ''] = place.split(':');
    return [place, await fixture.digest(name, tag)] as const;
  });
  expect(new Map(await Promise.all(seen))).toEqual(history);
});

it('leaves a state that shows no change once what was interrupted is cleared', async () => {
  const before = await aliases();
  // README.md, "The engine was killed": what it was at stays on the engine's list, and does no harm there.
  const clear = ['refresh', '--clear-pending-creates', '--run-program', '--yes', '--skip-preview'];
  expect((await checkout.pulumi(...clear)).code).toBe(0);
  expect(await pendingOperations()).toEqual([]);
  await succeeded(checkout.pulumi('preview', '--refresh', '--expect-no-changes'));
  expect(await aliases()).toEqual(before);
});

function write(content: string): void {
  for (const name of NAMES) checkout.write(`config/contexts/${name}/content`, `${name} ${content}`);
}

async function publish(): Promise<void> {
  await succeeded(checkout.pulumi(...up()));
  await expectPushedOnce(plannedTags(checkout));
}

/**
 * Image → what its tag names, of those that are there. None of what was there when this was last asked
 * was pushed since, and nothing was pushed twice.
 */
async function expectPushedOnce(
  tags: Readonly<Record<string, string>>,
): Promise<ReadonlyMap<string, string | undefined>> {
  const pushes = fixture.gate.seen.filter((request) => IMMUTABLE_PUSH.test(request));
  fixture.gate.forget();
  expect(pushes).toEqual([...new Set(pushes)]);
  const named = Object.entries(tags).map(async ([name, tag]) => {
    const digest = await fixture.digest(name, tag);
    const place = `${name}:${tag}`;
    const known = history.get(place);
    if (known !== undefined) {
      expect(pushes).not.toContain(`PUT /v2/${fixture.repository(name)}/manifests/${tag}`);
      expect(digest, place).toBe(known);
    } else if (digest !== undefined) history.set(place, digest);
    return [name, digest] as const;
  });
  return new Map(await Promise.all(named));
}

async function aliases(): Promise<ReadonlyMap<string, string | undefined>> {
  const all = NAMES.map(async (name) => [name, await fixture.digest(name, 'latest')] as const);
  return new Map(await Promise.all(all));
}

const State = z.object({
  deployment: z.object({
    resources: z.array(z.looseObject({ urn: z.string() })),
    pending_operations: z
      .array(z.object({ type: z.string(), resource: z.looseObject({ urn: z.string() }) }))
      .optional(),
  }),
});

/** The state loads, and nobody but a killed engine leaves something unfinished in it. */
async function expectExplained(signal: Round['signal']): Promise<void> {
  const before = pending;
  pending = await pendingOperations();
  if (signal !== 'SIGKILL') expect(before).toEqual(expect.arrayContaining([...pending]));
}

/** `<what> <type> <name>` of each. */
async function pendingOperations(): Promise<readonly string[]> {
  const { code, output, stdout } = await checkout.pulumi('stack', 'export');
  expect(code, output).toBe(0);
  const { resources, pending_operations } = State.parse(JSON.parse(stdout)).deployment;
  expect(resources.length).toBeGreaterThan(NAMES.length);
  return (pending_operations ?? []).map(({ type, resource: { urn } }) => {
    return `${type} ${urn.split('::').slice(2).join(' ')}`;
  });
}
