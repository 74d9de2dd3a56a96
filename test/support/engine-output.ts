import { z } from 'zod';
import type { Run } from './processes.ts';
import type { TestCheckout } from './test-checkout.ts';
import { expect } from 'vitest';
import type { PublishingFixture } from './publishing-fixture.ts';
import { planCheckout } from '../../src/cli/read-stack.ts';

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

/** What shows that somebody is told of our code, and not of what went wrong. */
const NOISE =
  /unhandled|failed to deliver log message|processTicksAndRejections|^\s*at .+:\d+:\d+\)?$/im;

/** The run failed, and said why in words for people: each of `said`, and no stack trace. */
export function expectPlainFailure(
  { code, output }: { readonly code: number | null; readonly output: string },
  ...said: readonly (string | RegExp)[]
): void {
  for (const words of said) expect(output).toMatch(words);
  expect(output).not.toMatch(NOISE);
  expect(code).not.toBe(0);
}

/** What the engine lists at the end of a run under `<type> (<name>)`; empty for nothing. */
export function reportedOf(output: string, resource: string): string {
  const [, listed = ''] = output.split(`\n  ${resource}:\n`);
  const [own = ''] = listed.split(/^(?: {2})?\S/m);
  return own;
}

/** The run failed, and these resources with it, each with a HTTP status or other words that any gcp plug-in quotes. */
export function expectRefused(run: Run, refused: Readonly<Record<string, number | RegExp>>): void {
  expectPlainFailure(run);
  for (const [resource, said] of Object.entries(refused)) {
    const words = typeof said === 'number' ? new RegExp(`\\b${said}\\b`) : said;
    expect(reportedOf(run.output, resource), run.output).toMatch(words);
  }
}

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

/** Image → immutable tag, as `images plan` has it: here, since a process for it takes a second. */
export function plannedTags({ root }: Pick<TestCheckout, 'root'>): Record<string, string> {
  const { images } = planCheckout(root, 'sandbox');
  return Object.fromEntries(images.map(({ name, tag }) => [name, tag]));
}

/** Checks that a run ended well, without an error on the way; returns its output. */
export async function succeeded(run: Promise<Run>): Promise<string> {
  const { code, output } = await run;
  expect(output).not.toContain('error');
  expect(code, output).toBe(0);
  return output;
}
