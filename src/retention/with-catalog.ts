import type { PlannedTag } from '../tag/plan-tags.ts';
import type { Need, References } from '../branches/references.ts';
import type { Source } from '../branches/source.ts';

/**
 * The references as they will be once the default branch of this checkout has the catalog at `file`
 * with these tags: what a change of the catalog would do before it is merged. Unchanged where no
 * source reads that catalog from its default branch: a list of branches does not say which one that is,
 * and the first of them may be a release.
 */
export function withCatalog(
  { branches, needs }: References,
  sources: readonly Source[],
  file: string,
  tags: readonly PlannedTag[],
): References {
  const own = sources.find(
    ({ repository, branches: rule, references }) =>
      repository === '.' &&
      !('only' in rule) &&
      references.some((reader) => 'catalog' in reader && reader.catalog === file),
  );
  // References have a source's default branch first.
  const branch = branches.find(({ source }) => source === own?.name);
  if (branch === undefined) return { branches, needs };
  const isReplaced = (need: Need) =>
    need.branch === branch && need.places.every((place) => place.file === file);
  const planned = tags.map(({ name, tag, line }): Need => ({
    branch,
    image: name,
    tag,
    places: [{ file, line }],
  }));
  return { branches, needs: [...planned, ...needs.filter((need) => !isReplaced(need))] };
}
