import { z } from 'zod';
import type { PreviewStep } from './preview.ts';
import { compareBranches, describeDrop, formatBranchNews } from '../branches/compare-branches.ts';
import { parseTag } from '../image-reference.ts';

const Record = z.object({
  alias: z.string().transform((text) => parseTag(text) ?? z.NEVER),
  commit: z.string(),
  committedAt: z.string(),
  commits: z.number().optional(),
  recent: z.array(z.string()).optional(),
  found: z.record(z.string(), z.array(z.string())),
});

/** The inputs of `oci:index:ReferencedVersions` that are compared. */
const Inputs = z.object({ gracePeriod: z.number(), branches: z.record(z.string(), Record) });

/**
 * A line for each branch that enters or leaves the supported ones, or needs much less than at the run before.
 * The grace period is that of a run at the time `now`.
 */
export function branchNews(steps: readonly PreviewStep[], now: Date): readonly string[] {
  return steps.flatMap(({ type, before, after }) => {
    if (type !== 'oci:index:ReferencedVersions') return [];
    const olds = Inputs.safeParse(before?.inputs).data;
    const news = Inputs.safeParse(after?.inputs).data;
    // A state from before branches were recorded says nothing of them.
    if (olds === undefined || news === undefined) return [];
    const changes = compareBranches(olds.branches, news.branches);
    const until = new Date(now.getTime() + news.gracePeriod * 1000);
    return [
      ...formatBranchNews(changes, until),
      ...changes.drops.map((drop) => `⚠ ${drop.branch} ${describeDrop(drop)}`),
    ];
  });
}
