import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { plannedTags } from '../support/planned-tags.ts';
import { startPublishingFixture, type PublishingFixture } from '../support/publishing-fixture.ts';
import { up, type TestCheckout } from '../support/test-checkout.ts';

const NAMES = ['alpha', 'beta', 'gamma'];

let fixture: PublishingFixture;
let checkout: TestCheckout;

beforeAll(async () => {
  fixture = await startPublishingFixture();
  checkout = await fixture.checkout();
  checkout.declare(NAMES, fixture.base);
});

afterAll(() => fixture.close());

/** Kills the engine with no chance to say goodbye, and clears the lock that it leaves. */
async function killDuring(moment: () => Promise<unknown>): Promise<void> {
  const { child, done } = checkout.startPulumi(...up());
  await Promise.race([moment(), done]);
  child.kill('SIGKILL');
  await done;
  expect((await checkout.pulumi('cancel', '--yes')).code).toBe(0);
}

async function expectPublished(): Promise<void> {
  const tags = await plannedTags(checkout);
  for (const name of NAMES) {
    const digest = await fixture.digest(name, tags[name] ?? '');
    expect(digest, name).toMatch(/^sha256:/);
    expect(await fixture.digest(name, 'latest'), name).toBe(digest);
  }
}

describe('an engine that is killed', () => {
  it('between a push and the note of it leaves an image that the next up adopts as it is', async () => {
    const { alpha = '' } = await plannedTags(checkout);
    const put = `PUT /v2/${fixture.repository('alpha')}/manifests/${alpha}`;
    await killDuring(() => fixture.gate.swallowAnswer((request) => request === put));
    const pushed = await fixture.digest('alpha', alpha);
    expect(pushed).toMatch(/^sha256:/);
    // Without its cache the Docker Engine would build another digest, and push it over this one.
    await fixture.forgetBuilds();
    const { code, output } = await checkout.pulumi(...up());
    expect(output).not.toContain('error');
    expect(code).toBe(0);
    expect(await fixture.digest('alpha', alpha)).toBe(pushed);
    await expectPublished();
  });

  it('leaves a state that shows no change afterwards', async () => {
    const { code, output } = await checkout.pulumi('preview', '--refresh', '--expect-no-changes');
    expect(output).not.toContain('error');
    expect(code).toBe(0);
  });
});

describe('two runs at once', () => {
  it('are one: the second is refused, and told what to do; the first publishes', async () => {
    for (const name of NAMES) checkout.write(`config/contexts/${name}/content`, `${name}, again\n`);
    const first = checkout.startPulumi(...up());
    while (!isLocked()) await sleep(20);
    const second = await checkout.pulumi(...up());
    expect(second.code).not.toBe(0);
    expect(second.output).toContain('the stack is currently locked by 1 lock(s)');
    expect(second.output).toContain('Either wait for the other process(es) to end');
    const { code, output } = await first.done;
    expect(output).not.toContain('error');
    expect(code).toBe(0);
    await expectPublished();
  });
});

/** Where the engine keeps the locks of a state in files. */
function isLocked(): boolean {
  const locks = join(checkout.root, '.sandbox/state/.pulumi/locks');
  return existsSync(locks) && readdirSync(locks, { recursive: true }).some(isLock);
}

function isLock(path: string | Buffer): boolean {
  return String(path).endsWith('.json');
}
