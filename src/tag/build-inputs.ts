import type { Tag } from '../image-reference.ts';

/** What an image is built from, by name, so that it can be said why a tag changed. */
export const BUILD_INPUTS = [
  'base',
  'dockerfile',
  'context',
  'args',
  'target',
  'platform',
  'snapshot',
  'checksum',
  'packing',
  'format',
  'enlargeBy',
  'conversion',
] as const;

export type BuildInput = (typeof BUILD_INPUTS)[number];

/** SHA-256 of each build input, 64 hexadecimal digits. Inputs that an image does not have are absent. */
export type BuildInputs = Readonly<Partial<Record<BuildInput, string>>>;

/** The immutable tag and the build inputs that it was computed from. */
export interface ImmutableTag {
  readonly tag: Tag;
  readonly inputs: BuildInputs;
}
