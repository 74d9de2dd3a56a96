import { z } from 'zod';
import { parseOutput } from './preview.ts';

const Fate = z.object({
  verdict: z.enum(['keep', 'delete']),
  goesAt: z.string().nullable(),
  reasons: z.array(z.object({ text: z.string() })).default([]),
});

const Entry = Fate.extend({
  digest: z.string(),
  tags: z.array(z.string()),
  /** By the revision that was compared with. */
  before: Fate.optional(),
  platforms: z.array(z.string()).default([]),
  sizeBytes: z.number().default(0),
});

const Unmet = z.object({
  source: z.string(),
  branch: z.string(),
  image: z.string(),
  tag: z.string().nullable(),
  digest: z.string().optional(),
});

/** The part of the output of `images retention --json` that a summary needs. */
const Forecast = z.object({
  dryRun: z.boolean(),
  /** The revision that was compared with: all versions that it alters are listed, and no other ones. */
  against: z.string().nullable().default(null),
  images: z.array(z.object({ image: z.string(), entries: z.array(Entry) })),
  missing: z.array(Unmet),
  unpublished: z.array(Unmet),
  warnings: z.array(z.string()),
});

export type SummarizedForecast = z.output<typeof Forecast>;

/**
 * Parses the output of `images retention --json`; `file` is its path, for messages. Throws an
 * InvalidInputError (FORECAST_UNREADABLE) for anything else.
 */
export function parseForecast(text: string, file: string): SummarizedForecast {
  return parseOutput(Forecast, text, file, 'FORECAST_UNREADABLE', 'images retention --json');
}
