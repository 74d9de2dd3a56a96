import {
  type Change,
  type Kept,
  type Proposal,
  groupByPlace,
  sharedWithOthers,
  type SharedValue,
} from './changes.ts';
import type { ImagePins } from './read-pins.ts';
import {
  formatImageReference,
  parseImageReference,
  type ImageReference,
  type Digest,
  type Tag,
} from '../image-reference.ts';

type IsChosen = (name: string) => boolean;

/** The bases that the chosen images follow, each once. A base without a tag has nothing to follow. */
export function wantedBases(
  images: readonly ImagePins[],
  isChosen: IsChosen,
): readonly WantedBase[] {
  const wanted = new Map<string, WantedBase>();
  for (const { base, name } of images) {
    const reference = base && parseImageReference(base.value);
    if (reference?.tag === undefined || !isChosen(name)) continue;
    const { registry, repository, tag, digest } = reference;
    const followed = nameOfBase(reference);
    const pins = [...(wanted.get(followed)?.pins ?? []), digest];
    wanted.set(followed, { name: followed, reference: { registry, repository, tag }, pins });
  }
  return [...wanted.values()];
}

/** What becomes of the bases of the chosen images, by what their tags name now. */
export function refreshBases(
  images: readonly ImagePins[],
  isChosen: IsChosen,
  found: ReadonlyMap<string, FoundBase>,
): Proposal {
  const changes: Change[] = [];
  const kept: Kept[] = [];
  for (const value of groupByPlace(images, isChosen, ({ base }) => base)) {
    const result = refreshBase(value, isChosen, found);
    if (result === undefined) continue;
    if ('code' in result) kept.push(result);
    else changes.push(result);
  }
  return { changes, kept };
}

function refreshBase(
  value: SharedValue,
  isChosen: IsChosen,
  found: ReadonlyMap<string, FoundBase>,
): Change | Kept | undefined {
  const { written, names } = value;
  const reference = parseImageReference(written.value);
  if (reference === undefined) return undefined;
  const subject = { kind: 'base', written, images: names } as const;
  if (reference.tag === undefined) {
    return reference.digest === undefined ? { ...subject, ...WITHOUT_TAG } : undefined;
  }
  const followed = nameOfBase(reference);
  const answer = found.get(followed);
  if (answer === undefined) throw new Error(`nobody looked up ${followed}: this is a bug`);
  if ('failure' in answer) return { ...subject, ...answer.failure };
  const { digest: to, platforms } = answer;
  const { digest: from } = reference;
  if (from === to) return undefined;
  const lacking = value.users.find(({ platform }) => !offersPlatform(platforms, platform));
  if (lacking !== undefined) {
    return { ...subject, ...withoutPlatform(followed, lacking.platform, platforms) };
  }
  if (value.isOthersToo) return { ...subject, ...sharedWithOthers(value, isChosen) };
  const name = from === undefined ? written.value : written.value.replace(`@${from}`, '');
  return {
    ...subject,
    replacement: `${name}@${to}`,
    ...(from !== undefined && { from }),
    to,
    why: from === undefined ? `${followed} was not pinned` : `${followed} has moved`,
  };
}

const WITHOUT_TAG = {
  code: 'BASE_WITHOUT_TAG',
  problem: 'the base has neither a digest nor a tag to find one by',
  remedy: 'write the tag that it is to follow, such as :latest',
};

function withoutPlatform(base: string, platform: string, offered: readonly string[]) {
  const list = offered.length === 0 ? 'none' : offered.join(', ');
  return {
    code: 'PLATFORM_MISSING',
    problem: `${base} is not there for ${platform} any more, or never was (only: ${list})`,
    remedy: 'wait until its publisher has pushed all of it, or follow another tag',
  };
}

function nameOfBase({ registry, repository, tag }: ImageReference): string {
  return formatImageReference({ registry, repository, ...(tag !== undefined && { tag }) });
}

/** A base image to look up, each once however many images have it. */
export interface WantedBase {
  /** `registry/repository:tag`. */
  readonly name: string;
  readonly reference: ImageReference & { readonly tag: Tag };
  /** What the catalog pins it to; `undefined` where it is not pinned. */
  readonly pins: readonly (Digest | undefined)[];
}

/** Why there is no answer, in the words of a `Problem`. */
export interface LookUpFailure {
  readonly code: string;
  readonly problem: string;
  readonly remedy: string;
}

/** What a base's tag names now. */
export type FoundBase =
  | {
      readonly digest: Digest;
      /** As `os/architecture[/variant]`; empty when every pin has this digest already. */
      readonly platforms: readonly string[];
    }
  | { readonly failure: LookUpFailure };

/** Asks the registries. The answers are keyed by the bases' names; one that fails stops no other. */
export type LookUpBases = (
  wanted: readonly WantedBase[],
) => Promise<ReadonlyMap<string, FoundBase>>;

/** Variants that a processor of the first one runs as well, best first (containerd, "platforms"). */
const COMPATIBLE: Readonly<Record<string, readonly string[]>> = {
  'linux/amd64/v3': ['linux/amd64/v3', 'linux/amd64/v2', 'linux/amd64'],
  'linux/amd64/v2': ['linux/amd64/v2', 'linux/amd64'],
  'linux/arm/v7': ['linux/arm/v7', 'linux/arm/v6', 'linux/arm/v5'],
  'linux/arm/v6': ['linux/arm/v6', 'linux/arm/v5'],
};

/** Variants that go without saying. */
const IMPLIED: Readonly<Record<string, string>> = {
  'linux/amd64/v1': 'linux/amd64',
  'linux/arm64/v8': 'linux/arm64',
  'linux/arm': 'linux/arm/v7',
};

/** Whether an image of these platforms (`os/architecture[/variant]`) can be a base for `wanted`. */
export function offersPlatform(offered: readonly string[], wanted: string): boolean {
  const normal = offered.map((platform) => IMPLIED[platform] ?? platform);
  return (COMPATIBLE[wanted] ?? [wanted]).some((platform) => normal.includes(platform));
}
