import Table from 'cli-table3';
import type { PublishedImageRow } from './published-images.ts';

/** The digits of a digest that tell images apart on a screen. */
const SHORT_DIGEST = 'sha256:'.length + 12;

/** What was published, one row an image, and below it the line that pulls exactly that image. */
export function publishedTable(rows: readonly PublishedImageRow[]): string {
  const table = new Table({
    head: ['image', 'tag', 'alias', 'digest', 'size'],
    colAligns: ['left', 'left', 'left', 'left', 'right'],
    // Colours belong to terminals only, and a table reads well without.
    style: { head: [], border: [] },
  });
  for (const { name, tag, aliases, digest, size } of rows) {
    table.push([name, tag, aliases.join(', '), digest.slice(0, SHORT_DIGEST), formatSize(size)]);
  }
  const pulls = rows.map(({ reference }) => `docker pull ${reference}`);
  return [table.toString(), '', ...pulls].join('\n');
}

/** In megabytes of 10⁶ bytes, as Docker counts. */
export function formatSize(bytes: number | undefined): string {
  return bytes === undefined ? 'unknown' : `${(bytes / 1e6).toFixed(1)} MB`;
}
