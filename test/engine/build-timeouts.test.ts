import { afterAll, beforeAll, expect, it } from 'vitest';
import { plannedTags, succeeded } from '../support/engine-output.ts';
import { startPublishingFixture, type PublishingFixture } from '../support/publishing-fixture.ts';
import { DOCKERFILE, up, type TestCheckout } from '../support/test-checkout.ts';

const HANGING = DOCKERFILE.replace('COPY content /content', '$&\nRUN sleep 3600');

let fixture: PublishingFixture;
let checkout: TestCheckout;

beforeAll(async () => {
  fixture = await startPublishingFixture();
  checkout = await fixture.checkout({ plugIns: 'started' });
  checkout.configure({ buildTimeoutSeconds: 8 });
  checkout.declare(['good', 'hanging'], fixture.base);
  checkout.write('config/contexts/hanging/Dockerfile', HANGING);
});

afterAll(() => fixture.close());

it('ends a run whose build hangs, and names the image, once the others are published', async () => {
  const tags = plannedTags(checkout);
  const { code, output } = await checkout.pulumi(...up());
  expect(code).not.toBe(0);
  expect(output).toContain(
    'hanging is not published: it is not built after 8 s; see where the build hangs, or raise buildTimeoutSeconds',
  );
  expect(output).toContain('RUN sleep 3600');
  expect(output).not.toMatch(/good is not published|unhandled/i);
  const digest = await fixture.digest('good', tags['good'] ?? '');
  expect(digest).toMatch(/^sha256:/);
  expect(await fixture.digest('good', 'latest')).toBe(digest);
  expect(await fixture.digest('hanging', tags['hanging'] ?? '')).toBeUndefined();
  expect(await fixture.digest('hanging', 'latest')).toBeUndefined();
});

it('publishes once it no longer hangs, and leaves what was published', async () => {
  checkout.write('config/contexts/hanging/Dockerfile', DOCKERFILE);
  const before = await fixture.digest('good', 'latest');
  await succeeded(checkout.pulumi(...up()));
  const { hanging = '' } = plannedTags(checkout);
  const digest = await fixture.digest('hanging', hanging);
  expect(digest).toMatch(/^sha256:/);
  expect(await fixture.digest('hanging', 'latest')).toBe(digest);
  expect(await fixture.digest('good', 'latest')).toBe(before);
});
