import { expect } from 'vitest';
import { plannedTags } from './planned-tags.ts';
import type { PublishingFixture } from './publishing-fixture.ts';
import type { TestCheckout } from './test-checkout.ts';

/** Every image of the catalog, or these, is under its immutable tag, and `latest` names the same. */
export async function expectPublished(
  fixture: PublishingFixture,
  checkout: TestCheckout,
  names?: readonly string[],
): Promise<void> {
  const tags = plannedTags(checkout);
  for (const name of names ?? Object.keys(tags)) {
    const published = await fixture.digest(name, tags[name] ?? '');
    expect(published, name).toMatch(/^sha256:/);
    expect(await fixture.digest(name, 'latest'), name).toBe(published);
  }
}
