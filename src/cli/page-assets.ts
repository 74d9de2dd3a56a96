import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PageAssets } from '../page/render-layout.ts';

/** In the order in which later rules change what earlier ones say. */
const STYLES = ['base', 'marks', 'overview', 'image', 'narrow'];

/** Reads the style sheet, the script and the icon of the page. */
export function readPageAssets(): PageAssets {
  const read = (name: string) =>
    readFileSync(join(import.meta.dirname, '../page/assets', name), 'utf8');
  const style = STYLES.map((name) => read(`${name}.css`)).join('\n');
  return { style, script: read('page.mjs'), icon: read('icon.svg') };
}
