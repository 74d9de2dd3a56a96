import { z } from 'zod';
import type { PackageChange } from '../packages/diff-packages.ts';
import { parseOutput } from '../review/preview.ts';

const Unknown = z.object({ kind: z.literal('unknown'), reason: z.string() });

const Change = z
  .object({
    kind: z.enum(['added', 'removed', 'up', 'down', 'changed']),
    name: z.string(),
    architecture: z.string(),
    isOfSeveral: z.boolean().optional(),
    before: z.string().optional(),
    after: z.string().optional(),
  })
  .transform(({ before, after, ...change }): PackageChange => ({ ...change, before, after }));

const Target = { name: z.string(), platform: z.string() };

/** Whether the image is a copy: nothing is built, and it is pulled from its source. */
const isCopy = z.boolean().optional();

const Built = z.object({
  kind: z.literal('built'),
  isCopy,
  ...Target,
  /** Whether it comes up, and how, or the end of what it printed. `unknown`: it could not be started here. */
  start: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('up'), sign: z.string(), seconds: z.number() }),
    z.object({ kind: z.literal('down'), reason: z.string(), shown: z.array(z.string()) }),
    Unknown,
  ]),
  seconds: z.number(),
  /** Bytes. */
  size: z.number(),
  packages: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('known'), count: z.number() }),
    Unknown,
  ]),
  /** How its packages differ from those that `latest` has. */
  differences: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('known'), changes: z.array(Change) }),
    Unknown,
  ]),
});

const Failed = z.object({
  kind: z.literal('failed'),
  isCopy,
  ...Target,
  code: z.string(),
  reason: z.string(),
  /** The end of what the build printed. */
  shown: z.array(z.string()),
});

const LeftOut = z.object({ kind: z.literal('left-out'), ...Target, reason: z.string() });

export const BuildResult = z.discriminatedUnion('kind', [Built, Failed, LeftOut]);

/** What became of the build of an image for a platform. */
export type BuildResult = z.output<typeof BuildResult>;

export type Built = z.output<typeof Built>;

export type Failed = z.output<typeof Failed>;

const BuildResults = z.object({
  /** Why nothing was built, where something was to be. */
  notBuilt: z.string().optional(),
  builds: z.array(BuildResult),
});

/** The file between `images build-changes` and `images summary`. */
export type BuildResults = z.output<typeof BuildResults>;

/** Throws an InvalidInputError (BUILDS_UNREADABLE) for what is no such file. */
export function parseBuildResults(text: string, file: string): BuildResults {
  return parseOutput(
    BuildResults,
    text,
    file,
    'BUILDS_UNREADABLE',
    'images build-changes --results',
  );
}
