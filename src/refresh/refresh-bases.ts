import {
  groupByPlace,
  sharedWithOthers,
  type IsChosen,
  type ValueOutcome,
  type KeptReason,
  type SharedValue,
} from './edits.ts';
import type { ImagePins } from './read-pins.ts';
import {
  formatImageReference,
  parseImageReference,
  type Digest,
  type ImageReference,
  type Tag,
} from '../image-reference.ts';
import { offersPlatform } from '../platforms.ts';

/** A base image, or what is copied, to look up, each once, however many images have it. */
export interface WantedBase {
  /** `registry/repository:tag`. */
  readonly name: string;
  readonly reference: ImageReference & { readonly tag: Tag };
  /** The digests in the catalog; `undefined` for a base that is not pinned. */
  readonly pins: readonly (Digest | undefined)[];
  /** Whether an image has several platforms, so that the base must be an index of them. */
  readonly isForSeveral: boolean;
  /** Whether one of them is a copy, for which the images count, and not their index. */
  readonly isCopied: boolean;
}

/** The manifest that a base's tag names now. `platforms` is empty when every pin has this digest already, and each image one platform. */
export type FoundBase =
  | {
      readonly digest: Digest;
      readonly platforms: readonly string[];
      /** Where something is copied: its digest, and the pins that are there → platform → digest. */
      readonly images?: ReadonlyMap<Digest, Readonly<Record<string, Digest>>>;
    }
  | { readonly failure: KeptReason };

/** Looks bases up in their registries. The result is keyed by name; one failure stops no other lookup. */
export type FindBases = (wanted: readonly WantedBase[]) => Promise<ReadonlyMap<string, FoundBase>>;

/** The bases of the chosen images, each once. A base without a tag has nothing to follow. */
export function wantedBases(
  images: readonly ImagePins[],
  isChosen: IsChosen,
): readonly WantedBase[] {
  const uses = images.flatMap(({ base, from = base, name, platforms }) => {
    const reference = from && isChosen(name) ? parseImageReference(from.value) : undefined;
    const isCopied = from !== base;
    return reference === undefined ? [] : [{ ...reference, platforms, isCopied }];
  });
  return [...Map.groupBy(uses, nameOfBase)].flatMap(([name, users]) => {
    const [first] = users;
    if (first?.tag === undefined) return [];
    const { registry, repository, tag } = first;
    const pins = users.map(({ digest }) => digest);
    const isForSeveral = users.some(({ platforms }) => platforms.length > 1);
    const isCopied = users.some((user) => user.isCopied);
    return [{ name, reference: { registry, repository, tag }, pins, isForSeveral, isCopied }];
  });
}

/** Pins the bases of the chosen images, and what is copied, to the manifests that were found. */
export function refreshBases(
  images: readonly ImagePins[],
  isChosen: IsChosen,
  found: ReadonlyMap<string, FoundBase>,
): readonly ValueOutcome[] {
  return (['base', 'from'] as const).flatMap((kind) => {
    const values = groupByPlace(images, isChosen, (image) => image[kind]);
    return values.flatMap((value) => refreshReference(kind, value, found) ?? []);
  });
}

function refreshReference(
  kind: 'base' | 'from',
  value: SharedValue,
  lookups: ReadonlyMap<string, FoundBase>,
): ValueOutcome | undefined {
  const { written, names: images, users, others } = value;
  const reference = parseImageReference(written.value);
  if (reference === undefined) return undefined;
  const { tag, digest: from } = reference;
  const subject = { kind, written, images };
  if (tag === undefined) return from === undefined ? { ...subject, ...WITHOUT_TAG } : undefined;
  const name = nameOfBase(reference);
  const found = lookups.get(name);
  if (found === undefined) throw new Error(`there was no lookup of ${name}: this is a bug`);
  if ('failure' in found) return { ...subject, ...found.failure };
  const { digest: to, platforms, images: imagesAt } = found;
  const wanted = users.flatMap((user) => user.platforms);
  const lacking = wanted.find((platform) => !offersPlatform(platforms, platform));
  if (from === to && (platforms.length === 0 || lacking === undefined)) return undefined;
  if (lacking !== undefined) return { ...subject, ...platformMissing(name, lacking, platforms) };
  const [olds, news] = [from && imagesAt?.get(from), imagesAt?.get(to)];
  // The digest differs where a publication or a mirror of this copy has put an index of its own there.
  const isSame = wanted.every(
    (platform) => olds?.[platform] && olds[platform] === news?.[platform],
  );
  if (kind === 'from' && isSame) return undefined;
  if (others.length > 0) return { ...subject, ...sharedWithOthers(value) };
  const why = `${name} ${from === undefined ? 'was not pinned' : 'has moved'}`;
  return { ...subject, replacement: `${name}@${to}`, from, to, why };
}

const WITHOUT_TAG: KeptReason = {
  code: 'BASE_WITHOUT_TAG',
  problem: 'the reference has neither a digest nor a tag to find one by',
  remedy: 'write the tag that it is to follow, such as :latest',
};

function platformMissing(base: string, platform: string, offered: readonly string[]): KeptReason {
  const list = offered.length === 0 ? 'none' : offered.join(', ');
  return {
    code: 'PLATFORM_MISSING',
    problem: `${base} is not there for ${platform} any more, or never was (only: ${list})`,
    remedy: 'wait until its publisher has pushed all of it, or follow another tag',
  };
}

/** A base without its digest: the name that it keeps when its pin changes. */
export function nameOfBase(reference: ImageReference): string {
  return formatImageReference({ ...reference, digest: undefined });
}
