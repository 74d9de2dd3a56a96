import type { Digest } from '../image-reference.ts';
import type { InventoryVersion } from './evaluate-policies.ts';

/** A version that the registry holds; its package is the image's name. */
export interface HeldVersion extends InventoryVersion {
  readonly digest: Digest;
  /** Compressed, its layers included, also those that it shares with others. */
  readonly sizeBytes: number;
}
