import { parseTag, type Tag } from '../image-reference.ts';

const MARKER = /^unreferenced-(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/;

/**
 * The tag that remembers, at a version in the registry, when its last reference went: to the second, in
 * UTC, such as `unreferenced-20261124T173000Z`. The grace period counts from then, not from the upload.
 * Throws a RangeError for a date that is none, or beyond the years 0 to 9999.
 */
export function graceMarker(date: Date): Tag {
  const text = date.toISOString().replace(/\.\d+Z$/, 'Z');
  const marker = parseTag(`unreferenced-${text.replaceAll(/[-:]/g, '')}`);
  if (marker === undefined || !MARKER.test(marker)) {
    throw new RangeError(`no marker can be written for ${text}`);
  }
  return marker;
}

/** When the version with this tag lost its last reference; `undefined` for a tag that is no marker. */
export function markedAt(tag: string): Date | undefined {
  const [, year, month, day, hour, minute, second] = MARKER.exec(tag) ?? [];
  if (second === undefined) return undefined;
  const text = `${year}-${month}-${day}T${hour}:${minute}:${second}.000Z`;
  const date = new Date(text);
  // A day that does not exist is read as one of the next month, if at all.
  return !Number.isNaN(date.getTime()) && date.toISOString() === text ? date : undefined;
}
