import type { Image } from './image.ts';

/** What an image can be. */
export const KINDS = ['container', 'vm-disk'] as const satisfies readonly Image['kind'][];

export type Kind = (typeof KINDS)[number];

/** Applies where neither an image nor the defaults name a kind. */
export const DEFAULT_KIND = 'container' satisfies Kind;

/** The keys that only one kind of image has. All others mean the same to each. */
export const OWN_KEYS = {
  container: ['base', 'snapshot', 'snapshotMaxAge', 'verify'],
  'vm-disk': ['url', 'checksum', 'packing', 'format', 'enlargeBy'],
} as const satisfies Record<Kind, readonly string[]>;

/** The kind that a key belongs to, if it is not `kind`'s and no one else's. */
export function otherOwner(key: string, kind: Kind): Kind | undefined {
  return KINDS.find((other) => other !== kind && OWN_KEYS[other].some((own) => own === key));
}
