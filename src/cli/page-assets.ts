import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PageAssets } from '../page/render-layout.ts';

/** Reads the style sheet, the script and the icon of the page. */
export function readPageAssets(): PageAssets {
  const read = (name: string) =>
    readFileSync(join(import.meta.dirname, '../page/assets', name), 'utf8');
  return { style: read('page.css'), script: read('page.mjs'), icon: read('icon.svg') };
}
