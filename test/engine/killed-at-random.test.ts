import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { plannedTags } from '../support/planned-tags.ts';
import { startPublishingFixture, type PublishingFixture } from '../support/publishing-fixture.ts';
import { up, type TestCheckout } from '../support/test-checkout.ts';

const NAMES = ['one', 'two', 'three', 'four', 'five'];
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGKILL'] as const;
const ROUNDS = 20;
const SEED = 20;

interface Round {
  readonly signal: (typeof SIGNALS)[number];
  /** Percent of the time that an `up` takes when nobody disturbs it. */
  readonly moment: number;
}

/** Every signal as often as the others, at moments that are drawn: the same ones in each run of this test. */
const rounds: readonly Round[] = fc
  .sample(fc.noBias(fc.integer({ min: 0, max: 100 })), { seed: SEED, numRuns: ROUNDS })
  .map((moment, at) => ({ moment, signal: SIGNALS[at % SIGNALS.length] ?? 'SIGKILL' }));

let fixture: PublishingFixture;
let checkout: TestCheckout;
let duration: number;
/** `<image>:<tag>` → the digest that it was first seen with, of every immutable tag there ever was. */
const history = new Map<string, string>();

beforeAll(async () => {
  fixture = await startPublishingFixture();
  checkout = await fixture.checkout();
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
  async (round) => {
    write(`${round.signal} ${round.moment}`);
    const tags = await plannedTags(checkout);
    const before = await aliases();
    const { child, done } = checkout.startPulumi(...up());
    await Promise.race([sleep((round.moment / 100) * duration), done]);
    child.kill(round.signal);
    const { output } = await done;
    // README.md, "The engine was killed": only a killed one leaves its lock.
    if (round.signal === 'SIGKILL') {
      expect((await checkout.pulumi('cancel', '--yes')).code).toBe(0);
    }
    await expectLoadable();
    const pushed = await expectUnmoved(tags);
    for (const [name, digest] of await aliases()) {
      expect([before.get(name), pushed.get(name)], `${name}: ${output}`).toContain(digest);
    }

    await publish();
    const published = await expectUnmoved(tags);
    expect([...published.values()]).not.toContain(undefined);
    expect(await aliases()).toEqual(published);
  },
);

it('leaves a state that shows no change afterwards, and what was interrupted can be cleared', async () => {
  const { code, output } = await checkout.pulumi('preview', '--refresh', '--expect-no-changes');
  expect(output).not.toContain('error');
  expect(code).toBe(0);
  // README.md, "The engine was killed": what it was at stays on the engine's list, and does no harm there.
  const clear = ['refresh', '--clear-pending-creates', '--run-program', '--yes', '--skip-preview'];
  expect((await checkout.pulumi(...clear)).code).toBe(0);
  expect(await pendingOperations()).toEqual([]);
  await publish();
  expect(await aliases()).toEqual(await expectUnmoved(await plannedTags(checkout)));
});

function write(content: string): void {
  for (const name of NAMES) checkout.write(`config/contexts/${name}/content`, `${name} ${content}`);
}

async function publish(): Promise<void> {
  const { code, output } = await checkout.pulumi(...up());
  expect(output).not.toContain('error');
  expect(code, output).toBe(0);
}

/** Image → what its tag names, once none of the tags of before is found to name something else. */
async function expectUnmoved(
  planned: Readonly<Record<string, string>>,
): Promise<ReadonlyMap<string, string | undefined>> {
  const tags = Object.entries(planned);
  for (const [name, tag] of tags) {
    const digest = await fixture.digest(name, tag);
    if (digest !== undefined && !history.has(`${name}:${tag}`)) {
      history.set(`${name}:${tag}`, digest);
    }
  }
  for (const [place, digest] of history) {
    const [name = '', tag = ''] = place.split(':');
    expect(await fixture.digest(name, tag), place).toBe(digest);
  }
  return new Map(tags.map(([name, tag]) => [name, history.get(`${name}:${tag}`)]));
}

async function aliases(): Promise<ReadonlyMap<string, string | undefined>> {
  const all = NAMES.map(async (name) => [name, await fixture.digest(name, 'latest')] as const);
  return new Map(await Promise.all(all));
}

const State = z.object({
  deployment: z.object({
    resources: z.array(z.looseObject({ urn: z.string() })),
    pending_operations: z.array(z.looseObject({ type: z.string() })).optional(),
  }),
});

async function exported(): Promise<z.infer<typeof State>['deployment']> {
  const { code, output, stdout } = await checkout.pulumi('stack', 'export');
  expect(code, output).toBe(0);
  return State.parse(JSON.parse(stdout)).deployment;
}

async function expectLoadable(): Promise<void> {
  expect((await exported()).resources.length).toBeGreaterThan(NAMES.length);
}

async function pendingOperations() {
  return (await exported()).pending_operations ?? [];
}
