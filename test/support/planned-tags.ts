import { z } from 'zod';
import type { TestCheckout } from './test-checkout.ts';

const Plan = z.array(z.object({ name: z.string(), tag: z.string() }));

/** Image → immutable tag, as `images plan` has it. */
export async function plannedTags(checkout: TestCheckout): Promise<Record<string, string>> {
  const { stdout, output, code } = await checkout.images('plan', '--stack', 'sandbox', '--json');
  if (code !== 0) throw new Error(`the plan failed:\n${output}`);
  return Object.fromEntries(Plan.parse(JSON.parse(stdout)).map(({ name, tag }) => [name, tag]));
}
