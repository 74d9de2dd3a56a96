import Table from 'cli-table3';
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

/** A table without lines between its rows, uncoloured, so that it can be searched and pasted. */
export function formatPlanAsTable(images: readonly PlannedImage[]): string {
  const table = new Table({
    head: ['IMAGE', 'TAG', 'BASE', 'PLATFORM', 'CONTEXT'],
    chars: NO_LINES,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 2 },
  });
  for (const { name, tag, base, platform, context } of images) {
    // The digest is in the JSON; here it would take up most of the line.
    const { registry, repository, tag: baseTag } = base;
    const shortBase = formatImageReference({
      registry,
      repository,
      ...(baseTag !== undefined && { tag: baseTag }),
    });
    table.push([name, tag, shortBase, platform, context]);
  }
  return table.toString().replaceAll(/ +$/gm, '');
}

const NO_LINES = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '',
};
