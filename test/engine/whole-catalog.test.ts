import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { previewedSteps } from '../support/engine-output.ts';
import { ownCache } from '../support/own-cache.ts';
import { startPublishingFixture, type PublishingFixture } from '../support/publishing-fixture.ts';
import type { TestCheckout } from '../support/test-checkout.ts';

const Planned = z.array(z.object({ name: z.string() }));

let fixture: PublishingFixture;
let checkout: TestCheckout;
const cache = ownCache();

beforeAll(async () => {
  fixture = await startPublishingFixture();
  checkout = await fixture.checkout();
  checkout.commit();
});

afterAll(async () => {
  await fixture.close();
});

it('a preview of the catalog as it is shows each image and downloads no disk', async () => {
  const plan = await checkout.images('plan', '--json', '--stack', 'sandbox');
  const names = Planned.parse(JSON.parse(plan.stdout)).map(({ name }) => name);
  const steps = await previewedSteps(checkout);
  const built = steps.filter((step) => step.startsWith('create docker:index/image:Image '));
  expect(built.map((step) => step.split(' ').at(-1)).sort()).toEqual(names.toSorted());
  expect(names).toContain('vm-ubuntu-2404');
  expect(existsSync(join(cache, 'kubernetes-ci-images'))).toBe(false);
});
