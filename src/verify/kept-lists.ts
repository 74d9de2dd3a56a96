import { z } from 'zod';
import type { Digest } from '../image-reference.ts';
import { sortPackages, type Packages } from '../packages/package-list.ts';
import { keepResult, keptResult } from './kept-results.ts';

const Known = z.object({
  kind: z.literal('known'),
  list: z.object({
    format: z.enum(['deb', 'rpm']),
    distribution: z.object({ id: z.string(), version: z.string() }),
    packages: z
      .array(z.object({ name: z.string(), version: z.string(), architecture: z.string() }))
      .min(1)
      .transform(sortPackages),
  }),
});

const Kept = z.union([Known, z.object({ kind: z.literal('unknown'), reason: z.string() })]);

/**
 * Keeps the package list of an image that one step of a run has found, such as the boot of a VM disk, for a later step
 * that attests it. `digest` is that of the platform's manifest.
 */
export function keepList(digest: Digest, packages: Packages): Promise<void> {
  return keepResult('packages', digest, packages);
}

/** What `keepList` has kept of an image; `undefined` where nothing was kept, or it cannot be read. */
export function keptList(digest: Digest): Promise<Packages | undefined> {
  return keptResult('packages', digest, Kept);
}
