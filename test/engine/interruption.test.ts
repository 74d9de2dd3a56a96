import { globSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { readJsonFile } from '../../infra/sandbox/text-file.ts';
import { expectPublished, plannedTags, succeeded } from '../support/engine-output.ts';
import { startPublishingFixture, type PublishingFixture } from '../support/publishing-fixture.ts';
import { up, type TestCheckout } from '../support/test-checkout.ts';

const NAMES = ['alpha', 'beta', 'gamma'];

let fixture: PublishingFixture;
let checkout: TestCheckout;

beforeAll(async () => {
  fixture = await startPublishingFixture();
  checkout = await fixture.checkout({ code: 'copied', plugIns: 'started' });
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

describe('an engine that is killed', () => {
  it('between a push and the note of it leaves an image that the next up adopts as it is', async () => {
    const { alpha = '' } = plannedTags(checkout);
    const put = `PUT /v2/${fixture.repository('alpha')}/manifests/${alpha}`;
    await killDuring(() => fixture.gate.swallowAnswer((request) => request === put));
    const pushed = await fixture.digest('alpha', alpha);
    expect(pushed).toMatch(/^sha256:/);
    // Without its cache the Docker Engine would build another digest, and push it over this one.
    await fixture.forgetBuilds();
    await succeeded(checkout.pulumi(...up()));
    expect(await fixture.digest('alpha', alpha)).toBe(pushed);
    await expectPublished(fixture, checkout);
  });

  it('leaves a state that shows no change afterwards', async () => {
    await succeeded(checkout.pulumi('preview', '--refresh', '--expect-no-changes'));
  });
});

describe('two runs at once', () => {
  const publishPipeline = () =>
    checkout.run('npm', ['run', '-s', 'publish-pipeline', '--', '--stack', 'sandbox']);

  it('are one: whoever comes second is refused, and told what to do; the first publishes', async () => {
    for (const name of NAMES) checkout.write(`config/contexts/${name}/content`, `${name}, again\n`);
    const first = publishPipeline();
    const { pid, locks } = await vi.waitUntil(heldLock, { timeout: 60_000 });
    // It stands still until the others have come and gone: it may seem dead, but is not.
    process.kill(pid, 'SIGSTOP');
    try {
      for (const run of [() => checkout.pulumi(...up()), publishPipeline]) {
        const { code, output } = await run();
        expect(code, output).not.toBe(0);
        expect(output).toContain('the stack is currently locked by 1 lock(s)');
        expect(output).toContain('Either wait for the other process(es) to end');
        expect(output).toContain(`(pid ${pid})`);
        expect(heldLock()).toEqual({ pid, locks });
      }
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    const { code, output } = await first;
    expect(output).not.toContain('error:');
    expect(code, output).toBe(0);
    await expectPublished(fixture, checkout);
    expect(heldLock()).toBeUndefined();
  });

  it('that begin in the same moment are refused or publish, and keep nobody from the next', async () => {
    for (const name of NAMES) checkout.write(`config/contexts/${name}/content`, `${name}, twice\n`);
    for (const { code, output } of await Promise.all([publishPipeline(), publishPipeline()])) {
      if (code !== 0) expect(output).toContain('the stack is currently locked by');
    }
    expect(heldLock()).toBeUndefined();
    const { code, output } = await publishPipeline();
    expect(output).not.toContain('error:');
    expect(code, output).toBe(0);
    await expectPublished(fixture, checkout);
  });
});

/** Who holds the lock of a state in files, and in which files; `undefined` when nobody does. */
function heldLock(): { pid: number; locks: readonly string[] } | undefined {
  const folder = join(checkout.root, '.sandbox/state/.pulumi/locks');
  const locks = globSync('**/*.json', { cwd: folder });
  const [lock] = locks;
  if (lock === undefined) return undefined;
  const { pid } = z.object({ pid: z.number() }).parse(readJsonFile(join(folder, lock)));
  return { pid, locks };
}
