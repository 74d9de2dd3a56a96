import { setup, type Prerequisites } from '../engine/global-setup.ts';
import type { TestCheckout } from '../support/test-checkout.ts';
import { startPublishingFixture, type PublishingFixture } from '../support/publishing-fixture.ts';

/** Runs with what the engine tests need, and ends it afterwards. */
export async function withPrerequisites<T>(
  run: (prerequisites: Prerequisites) => Promise<T>,
): Promise<T> {
  let prerequisites: Prerequisites | undefined;
  const tearDown = await setup({ provide: (_, value) => (prerequisites = value) });
  try {
    if (prerequisites === undefined) throw new Error('no prerequisites');
    return await run(prerequisites);
  } finally {
    await tearDown();
  }
}

/** The same, with a registry and Google's APIs. */
export function withFixture<T>(run: (fixture: PublishingFixture) => Promise<T>): Promise<T> {
  return withPrerequisites(async (prerequisites) => {
    const fixture = await startPublishingFixture(prerequisites);
    try {
      return await run(fixture);
    } finally {
      await fixture.close();
    }
  });
}

/** Runs the engine, and returns its standard output. */
export async function runEngine(checkout: TestCheckout, ...args: string[]): Promise<string> {
  const { code, output, stdout } = await checkout.pulumi(...args);
  if (code !== 0) throw new Error(output);
  return stdout;
}
