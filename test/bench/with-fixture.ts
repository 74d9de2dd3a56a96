import { setup, type Prerequisites } from '../engine/global-setup.ts';
import type { Result } from './measure.ts';
import { known } from '../support/fixtures.ts';
import type { TestCheckout } from '../support/test-checkout.ts';
import { startPublishingFixture, type PublishingFixture } from '../support/publishing-fixture.ts';

/** Runs with what the engine tests need, and ends it afterwards. */
export async function withPrerequisites(
  run: (prerequisites: Prerequisites) => Promise<Result>,
): Promise<Result> {
  let prerequisites: Prerequisites | undefined;
  const tearDown = await setup({ provide: (_, value) => (prerequisites = value) });
  try {
    const provided = known(prerequisites);
    return { ...(await run(provided)), plugIns: describePlugIns(provided.plugins) };
  } finally {
    await tearDown();
  }
}

/** The same, with a registry and Google's APIs. */
export function withFixture(run: (fixture: PublishingFixture) => Promise<Result>): Promise<Result> {
  return withPrerequisites(async (prerequisites) => {
    const fixture = await startPublishingFixture(prerequisites);
    try {
      return await run(fixture);
    } finally {
      await fixture.close();
    }
  });
}

/** Such as `docker 5.2.0 (official), gcp 9.37.0 (stand-in)`: a stand-in's figures are not those of production. */
function describePlugIns(plugins: Prerequisites['plugins']): string {
  return Object.entries(plugins)
    .map(([name, { kind, version }]) => `${name} ${version} (${kind})`)
    .join(', ');
}

/** Runs the engine, and returns its standard output. */
export async function runEngine(checkout: TestCheckout, ...args: string[]): Promise<string> {
  const { code, output, stdout } = await checkout.pulumi(...args);
  if (code !== 0) throw new Error(output);
  return stdout;
}
