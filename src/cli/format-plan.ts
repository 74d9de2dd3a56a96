import { formatTable } from './format-table.ts';
import { formatImageReference } from '../image-reference.ts';
import type { PlannedImage } from '../plan/planned-image.ts';

/**
 * A JSON array with an object for each image, in the catalog's order. A container has a base, a VM disk
 * a source and the bytes that it is enlarged by.
 */
export function formatPlanAsJson(images: readonly PlannedImage[]): string {
  const rows = images.map((image) => {
    const { name, kind, repository, tag, reference, platform, context, inputs } = image;
    const origin =
      image.kind === 'vm-disk'
        ? { source: image.source, enlargeBy: image.enlargeBy }
        : { base: formatImageReference(image.base) };
    return {
      name,
      kind,
      repository,
      tag,
      reference: formatImageReference(reference),
      ...origin,
      platform,
      context,
      inputs,
    };
  });
  return JSON.stringify(rows, null, 2);
}

/** A table with a line for each image. */
export function formatPlanAsTable(images: readonly PlannedImage[]): string {
  const rows = images.map((image) => {
    const { name, kind, tag, platform, context } = image;
    return [name, kind, tag, madeFrom(image), platform, context];
  });
  return formatTable(['IMAGE', 'KIND', 'TAG', 'MADE FROM', 'PLATFORM', 'CONTEXT'], rows);
}

/** The base's name, or that of the file: digests and whole URLs are in the JSON, and fill a line each. */
function madeFrom(image: PlannedImage): string {
  if (image.kind === 'vm-disk') return new URL(image.source.url).pathname.split('/').at(-1) ?? '';
  const { registry, repository, tag } = image.base;
  return formatImageReference({ registry, repository, ...(tag !== undefined && { tag }) });
}
