import type { Digest, Tag } from '../image-reference.ts';

/** What the supported branches need, as clean-up policies can say it. */
export interface Protection {
  /** Aliases of supported branches: what they name stays. */
  readonly aliases: readonly Tag[];
  /** Versions that are needed, and those whose last reference went less than the grace period ago. */
  readonly digests: readonly Digest[];
}

/** Of a stack whose retention file names no source. */
export const NO_PROTECTION: Protection = { aliases: [], digests: [] };
