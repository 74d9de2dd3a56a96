import { branchPage, imagePage } from './file-names.ts';
import { html, joined, webLink, type Content } from './html.ts';
import type { PageBranchName, PageData, PagePlace, PageVersion } from './page-data.ts';

/** Links to the pages that the site has, from pages of one folder. What has no page is text. */
export interface Links {
  readonly image: (name: string) => Content;
  /** A version of an image by its digest; shows the text. */
  readonly version: (image: string, digest: string, text: Content) => Content;
  readonly branch: (name: PageBranchName) => Content;
  /** Names each source once, followed by its branches. */
  readonly branches: (names: readonly PageBranchName[]) => Content;
}

/** The links of a site; `root` leads from a page to the folder of the overview: nothing, or `../`. */
export function siteLinks(data: PageData): (root: '' | '../') => Links {
  const images = new Map(
    data.images.map(({ name, versions }) => [name, new Set(versions.map(({ digest }) => digest))]),
  );
  const branches = new Set(data.branches.map(keyOf));
  const areBranchesKnown = data.unread?.includes('branches') !== true;
  const isSeveral = new Set(data.branches.map(({ source }) => source)).size > 1;
  return (root) => {
    const branch = (name: PageBranchName, text: string) =>
      branches.has(keyOf(name)) ? html`<a href="${root}${branchPage(name)}">${text}</a>` : text;
    return {
      image: (name) =>
        images.has(name) ? html`<a href="${root}${imagePage(name)}">${name}</a>` : name,
      version: (image, digest, text) =>
        images.get(image)?.has(digest) === true
          ? html`<a href="${root}${imagePage(image)}#${versionId(digest)}">${text}</a>`
          : text,
      branch: (name) => branch(name, isSeveral ? keyOf(name) : name.branch),
      branches: (names) => {
        const sources = [...Map.groupBy(names, ({ source }) => source)];
        const lists = sources.map(([source, all]) => [
          isSeveral ? `${source} ` : undefined,
          joined(
            all.map((name) => branch(name, name.branch)),
            ', ',
          ),
        ]);
        if (lists.length === 0) return areBranchesKnown ? 'no branch' : 'unknown';
        return joined(lists, '; ');
      },
    };
  };
}

/** Neither name has a space. */
export function keyOf({ source, branch }: PageBranchName): string {
  return `${source} ${branch}`;
}

/** The anchor of a version in the page of its image. */
export function versionId(digest: string): string {
  return `v${digest.replace(/^sha256:/, '').slice(0, 12)}`;
}

/** A version's name for people: the first digits of its immutable tag, or of its digest. */
export function shortName({ tag, digest }: Pick<PageVersion, 'tag' | 'digest'>): string {
  return (tag ?? digest).replace(/^(sha256:)?([0-9a-f]{12})[0-9a-f]+$/, '$2');
}

export function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

/** A list whose items beyond the first are folded. */
export function foldedList(items: readonly Content[], shown: number): Content {
  const list = (some: readonly Content[]) =>
    html`<ul>
      ${some.map((item) => html`<li>${item}</li>`)}
    </ul>`;
  if (items.length <= shown) return list(items);
  return html`${list(items.slice(0, shown))}
    <details>
      <summary>${items.length - shown} more</summary>
      ${list(items.slice(shown))}
    </details>`;
}

/** The day of a version's publication. */
export function publishedOn({ published }: Pick<PageVersion, 'published'>): string {
  return published ?? 'day unknown';
}

/** A file with its line, as a link where the repository has a web address. */
export function placeLink({ file, line, url }: PagePlace): Content {
  return webLink(url, html`<code>${line === undefined ? file : `${file}:${line}`}</code>`);
}
