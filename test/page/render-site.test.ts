import { posix } from 'node:path';
import { expect, test } from 'vitest';
import { readPageAssets } from '../../src/cli/page-assets.ts';
import type { PageData } from '../../src/page/page-data.ts';
import { renderSite } from '../../src/page/render-site.ts';
import { foreignPage, HOSTILE } from './hostile.ts';
import { largePage } from './large-page.ts';
import { samplePage } from './sample.ts';

const site = renderSite(samplePage(), readPageAssets());

/** The addresses of a page that lead into the site, from its folder. */
function localLinks(path: string, page: string): readonly (readonly [path: string, id: string])[] {
  return [...page.matchAll(/ (?:href|src)="([^"]*)"/g)]
    .map(([, address = '']) => address)
    .filter((address) => !/^https?:/.test(address))
    .map((address) => {
      const [file = '', id = ''] = address.split('#');
      return [file === '' ? path : posix.join(posix.dirname(path), file), id];
    });
}

test('has a page for each image and each branch', () => {
  const { images, branches } = samplePage();
  const pages = [...site.keys()].filter((path) => path.endsWith('.html'));
  expect(pages).toHaveLength(1 + images.length + branches.length);
});

test('links lead to pages, and to places that they have', () => {
  const dead = [...site].flatMap(([path, page]) =>
    localLinks(path, page).filter(([file, id]) => {
      const target = site.get(file);
      return target === undefined || (id !== '' && !target.includes(` id="${id}"`));
    }),
  );
  expect(dead).toEqual([]);
});

/** The tags with the names of their attributes. */
function skeleton(data: PageData): readonly string[] {
  return [...renderSite(data, readPageAssets())]
    .filter(([path]) => path.endsWith('.html'))
    .flatMap(([, page]) =>
      [...page.matchAll(/<[^>]*>/g)].map(([tag]) => tag.replaceAll(/="[^"]*"/g, '=')),
    );
}

test.each(HOSTILE)('%j is text wherever it stands', (text) => {
  expect(skeleton(foreignPage((plain) => `${plain}${text}`))).toEqual(
    skeleton(foreignPage((plain) => plain)),
  );
});

test('300 images with 50 versions each are no more than 10 MB', () => {
  const pages = [...renderSite(largePage(), readPageAssets()).values()];
  const bytes = pages.reduce((sum, page) => sum + Buffer.byteLength(page), 0);
  expect(bytes).toBeLessThan(10_000_000);
});

test('equal data gives equal bytes', () => {
  expect([...renderSite(samplePage(), readPageAssets())]).toEqual([...site]);
});
