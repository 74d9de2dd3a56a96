import { z } from 'zod';
import type { TestCheckout } from './test-checkout.ts';

const Preview = z.object({
  steps: z.array(z.object({ op: z.string(), urn: z.string() })).default([]),
});

/** What a preview would do, as `operation type name`, sorted; what stays the same is left out. */
export async function previewedSteps(checkout: TestCheckout, ...args: string[]): Promise<string[]> {
  const run = await checkout.pulumi('preview', '--json', '--non-interactive', ...args);
  if (run.code !== 0) throw new Error(`the preview failed:\n${run.output}`);
  return Preview.parse(JSON.parse(run.stdout))
    .steps.filter(({ op }) => !['same', 'read', 'refresh'].includes(op))
    .map(({ op, urn }) => `${op} ${shortUrn(urn)}`)
    .sort();
}

function shortUrn(urn: string): string {
  const [type = '', name = ''] = urn.split('::').slice(-2);
  return `${type.split('$').at(-1) ?? ''} ${name}`;
}
