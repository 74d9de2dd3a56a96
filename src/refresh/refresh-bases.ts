import type { Change, Kept, Proposal } from './change.ts';
import { groupByPlace, sharedWithOthers, type SharedValue } from './group-by-place.ts';
import type { FoundBase, WantedBase } from './look-up-bases.ts';
import { offersPlatform } from './offers-platform.ts';
import type { ImagePins } from './read-pins.ts';
import { formatImageReference, parseImageReference } from '../image-reference.ts';
import type { ImageReference } from '../image-reference.ts';

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
