import { formatTable } from './format-table.ts';
import { formatImageReference } from '../image-reference.ts';
import type { PlannedImage } from '../plan/planned-image.ts';

/** A JSON array with an object for each image, in the catalog's order; all values are text. */
export function formatPlanAsJson(images: readonly PlannedImage[]): string {
  const rows = images.map(
    ({ name, repository, tag, reference, base, platform, context, inputs }) => {
      return {
        name,
        repository,
        tag,
        reference: formatImageReference(reference),
        base: formatImageReference(base),
        platform,
        context,
        inputs,
      };
    },
  );
  return JSON.stringify(rows, null, 2);
}

/** A table with a line for each image. */
export function formatPlanAsTable(images: readonly PlannedImage[]): string {
  const rows = images.map(({ name, tag, base, platform, context }) => {
    // The digest is in the JSON; here it would take up most of the line.
    const { registry, repository, tag: baseTag } = base;
    const shortBase = formatImageReference({
      registry,
      repository,
      ...(baseTag !== undefined && { tag: baseTag }),
    });
    return [name, tag, shortBase, platform, context];
  });
  return formatTable(['IMAGE', 'TAG', 'BASE', 'PLATFORM', 'CONTEXT'], rows);
}
