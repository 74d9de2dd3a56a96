import { compareTexts } from '../compare-texts.ts';

/**
 * Orders what belongs to images as a catalog lists these. What belongs to other images comes last, by their names, and
 * what belongs to one image stays in its own order: that of the engine's steps differs between two runs.
 */
export function inCatalogOrder<Item>(
  items: readonly Item[],
  imageOf: (item: Item) => string,
  names: readonly string[],
): readonly Item[] {
  const places = new Map(names.map((name, place) => [name, place]));
  const placeOf = (item: Item) => places.get(imageOf(item)) ?? names.length;
  return items.toSorted((one, other) => {
    const distance = placeOf(one) - placeOf(other);
    return distance === 0 ? compareTexts(imageOf(one), imageOf(other)) : distance;
  });
}
