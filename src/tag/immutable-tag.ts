import { BUILD_INPUTS, type BuildInputs } from './build-inputs.ts';
import { sha256 } from './sha256.ts';
import { parseTag, type Tag } from '../image-reference.ts';

/** 128 bits: enough that no two sets of build inputs ever meet, short enough to read out. */
const TAG_DIGITS = 32;

/** The tag that stands for these build inputs and no others: 32 hexadecimal digits. */
export function immutableTag(inputs: BuildInputs): Tag {
  const present = BUILD_INPUTS.filter((name) => inputs[name] !== undefined).toSorted();
  const hash = sha256([JSON.stringify(present.map((name) => [name, inputs[name]]))]);
  const tag = parseTag(hash.slice(0, TAG_DIGITS));
  if (tag === undefined) throw new Error(`not a tag: ${hash}`);
  return tag;
}
