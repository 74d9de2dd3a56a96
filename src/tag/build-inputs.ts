import { type Tag, parseTag } from '../image-reference.ts';
import { sha256 } from './hash-context.ts';

/** The build inputs by name, so that a preview can name those that change a tag. */
export const BUILD_INPUTS = [
  'base',
  'from',
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

/**
 * The build inputs of an image for several platforms, from those of each: a value that they share counts as it is,
 * and others by platform. Those of one platform are its own.
 */
export function combineInputs(byPlatform: Readonly<Record<string, BuildInputs>>): BuildInputs {
  const platforms = Object.keys(byPlatform).toSorted();
  const combined = BUILD_INPUTS.flatMap((name): [BuildInput, string][] => {
    const hashes = platforms.map((platform) => byPlatform[platform]?.[name]);
    const [first] = hashes;
    if (hashes.every((hash) => hash === first)) return first === undefined ? [] : [[name, first]];
    const pairs = platforms.map((platform, at) => [platform, hashes[at] ?? '']);
    return [[name, sha256([JSON.stringify(pairs)])]];
  });
  return Object.fromEntries(combined);
}

/** The tag of an image for one platform, which an index joins: the tag of its build inputs and the platform. */
export function platformTag(inputs: BuildInputs, platform: string): Tag {
  return `${immutableTag(inputs)}-${platform.replaceAll('/', '-')}` as Tag;
}

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
