import type { Need, ReferencePlace } from './references.ts';

/**
 * Needs of the same tag of an image by the same branch as one, with all the places; in the order of
 * branches as they first come, and of image and tag within each.
 */
export function orderNeeds(needs: readonly Need[]): readonly Need[] {
  const branches = new Map<string, number>();
  const merged = new Map<string, Need[]>();
  for (const need of needs) {
    const branch = JSON.stringify([need.branch.source, need.branch.branch]);
    if (!branches.has(branch)) branches.set(branch, branches.size);
    const key = JSON.stringify([branch, need.image, need.tag ?? null]);
    const same = merged.get(key);
    if (same === undefined) merged.set(key, [need]);
    else same.push(need);
  }
  const rankOf = ({ branch: { source, branch } }: Need) =>
    branches.get(JSON.stringify([source, branch])) ?? 0;
  return [...merged.values()].flatMap(join).sort((a, b) => {
    return rankOf(a) - rankOf(b) || byText(a.image, b.image) || byText(a.tag ?? '', b.tag ?? '');
  });
}

function join(same: readonly Need[]): readonly Need[] {
  const [first] = same;
  if (first === undefined) return [];
  const places = same.flatMap((need) => need.places);
  const unique = new Map(places.map((place) => [`${place.line}:${place.file}`, place]));
  return [{ ...first, places: [...unique.values()].sort(byPlace) }];
}

function byPlace(a: ReferencePlace, b: ReferencePlace): number {
  return byText(a.file, b.file) || a.line - b.line;
}

/** By code units: the same order on every machine. */
function byText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
