import { z } from 'zod';
import { InvalidInputError } from '../problem.ts';

const Entry = z.object({
  digest: z.string(),
  tags: z.array(z.string()),
  verdict: z.enum(['keep', 'delete']),
  goesAt: z.string().nullable(),
});

/** As much of what `images retention --json` prints as a summary needs (`formatForecastAsJson`). */
const Forecast = z.object({
  dryRun: z.boolean(),
  images: z.array(z.object({ image: z.string(), entries: z.array(Entry) })),
  missing: z.array(
    z.object({
      source: z.string(),
      branch: z.string(),
      image: z.string(),
      tag: z.string().nullable(),
    }),
  ),
  warnings: z.array(z.string()),
});

export type SummarizedForecast = z.output<typeof Forecast>;

/** Reads what `images retention --json` printed; `file` names where that is. Throws an InvalidInputError. */
export function parseForecast(text: string, file: string): SummarizedForecast {
  try {
    return Forecast.parse(JSON.parse(text));
  } catch {
    const problem = 'this is not what `images retention --json` prints';
    const remedy = 'write its standard output to a file, alone';
    throw new InvalidInputError([{ code: 'FORECAST_UNREADABLE', file, path: '', problem, remedy }]);
  }
}
