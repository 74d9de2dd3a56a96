import { expect, test } from 'vitest';
import { pageLink } from '../../src/merge-request/page-address.ts';

const ON_GITLAB = 'https://group.gitlab.io/images';

test.each([
  [{ CI_PAGES_URL: ON_GITLAB }, ''],
  [{ IMAGES_PAGE: '', CI_PAGES_URL: ON_GITLAB }, ''],
  [{ IMAGES_PAGE: 'yes' }, ''],
  [{ IMAGES_PAGE: 'javascript:alert(1)' }, ''],
  [{ IMAGES_PAGE: 'https://name:secret@images.example/' }, ''],
  [{ IMAGES_PAGE: 'yes', CI_PAGES_URL: ON_GITLAB }, `](${ON_GITLAB})`],
  [
    { IMAGES_PAGE: 'https://images.example/', CI_PAGES_URL: ON_GITLAB },
    '](https://images.example/)',
  ],
  [{ IMAGES_PAGE: 'https://images.example/a)b' }, '](https://images.example/a%29b)'],
])('with %j, a note links to the page by %j', (environment, link) => {
  expect(pageLink(environment)).toBe(
    link === '' ? '' : `\n[All images, who needs them, and why they stay${link}\n`,
  );
});
