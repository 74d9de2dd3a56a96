import type { Environment } from '../environment.ts';

/**
 * The address of the page of all images, where pipelines publish it: `IMAGES_PAGE` is that address, or any other text
 * where GitLab knows it.
 */
function pageAddress({
  IMAGES_PAGE: page = '',
  CI_PAGES_URL: onGitlab = '',
}: Environment): URL | undefined {
  if (page === '') return undefined;
  return [page, onGitlab].flatMap((text) => httpUrl(text) ?? [])[0];
}

/** An account in it would be published with it. */
function httpUrl(text: string): URL | undefined {
  const url = URL.parse(text);
  if (!/^https?:$/.test(url?.protocol ?? '')) return undefined;
  return url?.username === '' && url.password === '' ? url : undefined;
}

/** A line of Markdown that links to it, below what a note says. */
export function pageLink(environment: Environment): string {
  const { href } = pageAddress(environment) ?? {};
  if (href === undefined) return '';
  const target = href.replaceAll('(', '%28').replaceAll(')', '%29');
  return `\n[All images, who needs them, and why they stay](${target})\n`;
}
