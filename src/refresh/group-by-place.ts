import type { ImagePins, Written } from './read-pins.ts';

/** A value of the catalog, and the images that have it: several by an alias or by the defaults. */
export interface SharedValue {
  readonly written: Written;
  readonly users: readonly ImagePins[];
  readonly names: readonly string[];
  /** Whether an image that is not to change has it too. */
  readonly isOthersToo: boolean;
}

/** Each value that `pick` finds in a chosen image, once, with all of its users. */
export function groupByPlace(
  images: readonly ImagePins[],
  isChosen: (name: string) => boolean,
  pick: (image: ImagePins) => Written | undefined,
): readonly SharedValue[] {
  const groups = Map.groupBy(images, (image) => pick(image)?.start);
  return [...groups.values()].flatMap((users) => {
    const [first] = users;
    const written = first && pick(first);
    const names = users.map(({ name }) => name);
    if (written === undefined || !names.some(isChosen)) return [];
    return [{ written, users, names, isOthersToo: !names.every(isChosen) }];
  });
}

/** Why `--only` leaves such a value alone, for a `Kept`. */
export function sharedWithOthers({ names }: SharedValue, isChosen: (name: string) => boolean) {
  const others = names.filter((name) => !isChosen(name)).join(', ');
  return {
    code: 'SHARED_WITH_OTHERS',
    problem: `the value is that of ${others} as well`,
    remedy: `name ${others} with --only too, or leave --only out`,
  };
}
