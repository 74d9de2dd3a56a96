import { type Tag, parseTag } from '../image-reference.ts';
import { sha256 } from './hash-context.ts';

/** The build inputs by name, so that a preview can name those that change a tag. */
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

/** 128 bits: enough that no two sets of build inputs ever meet, short enough to read out. */
const TAG_DIGITS = 32;

/** The label of every published image that holds its immutable tag, and so stands for its build inputs. */
export const INPUTS_LABEL = 'io.github.kubernetes-ci-images.inputs';

/** The tag that stands for these build inputs and no others: 32 hexadecimal digits. */
export function immutableTag(inputs: BuildInputs): Tag {
  const present = BUILD_INPUTS.filter((name) => inputs[name] !== undefined).toSorted();
  const hash = sha256([JSON.stringify(present.map((name) => [name, inputs[name]]))]);
  const tag = parseTag(hash.slice(0, TAG_DIGITS));
  if (tag === undefined) throw new Error(`not a tag: ${hash}`);
  return tag;
}

/** The build inputs that differ, come or go between two builds: why the immutable tag changed. */
export function changedInputs(old: BuildInputs, now: BuildInputs): readonly BuildInput[] {
  return BUILD_INPUTS.filter((name) => old[name] !== now[name]);
}
