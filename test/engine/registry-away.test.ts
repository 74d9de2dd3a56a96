import { afterAll, beforeAll, expect, it } from 'vitest';
import { expectPublished, succeeded } from '../support/engine-output.ts';
import { startPublishingFixture, type PublishingFixture } from '../support/publishing-fixture.ts';
import { up, type TestCheckout } from '../support/test-checkout.ts';

// The tests follow on one another.

let fixture: PublishingFixture;
let checkout: TestCheckout;

beforeAll(async () => {
  fixture = await startPublishingFixture();
  checkout = await fixture.checkout();
  checkout.declare(['alpha', 'beta'], fixture.base);
  checkout.commit();
  const { code, output } = await checkout.pulumi(...up());
  if (code !== 0) throw new Error(output);
});

afterAll(() => fixture.close());

it('a registry that is away right after a publication fails the next run by name, and nothing is lost', async () => {
  fixture.gate.shut(() => true);
  const { code, output } = await checkout.pulumi(...up());
  expect(code).not.toBe(0);
  for (const name of ['alpha', 'beta']) {
    expect(output).toMatch(new RegExp(`REGISTRY_UNREACHABLE.*/${name}:`));
  }
  expect(output).not.toMatch(/unhandled|deleted/i);
  fixture.gate.open();
  await expectPublished(fixture, checkout);
});

it('and once it is back, what was published is adopted and not pushed again', async () => {
  fixture.gate.forget();
  await succeeded(checkout.pulumi(...up()));
  expect(fixture.gate.seen.filter((request) => !/^(GET|HEAD) /.test(request))).toEqual([]);
  await expectPublished(fixture, checkout);
});
