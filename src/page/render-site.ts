import { branchPage, imagePage } from './file-names.ts';
import { siteLinks } from './links.ts';
import type { PageData } from './page-data.ts';
import { renderBranch } from './render-branch.ts';
import { renderImage } from './render-image.ts';
import type { PageAssets } from './render-layout.ts';
import { renderOverview } from './render-overview.ts';

/**
 * The site: path → content. Equal data gives equal bytes. It opens from a server or a folder, and refers to nothing
 * elsewhere but by links.
 */
export function renderSite(data: PageData, assets: PageAssets): ReadonlyMap<string, string> {
  const from = siteLinks(data);
  const links = from('../');
  return new Map([
    ['index.html', renderOverview(data, from(''))],
    ...data.images.map(
      (image) => [imagePage(image.name), renderImage(data, image, links)] as const,
    ),
    ...data.branches.map(
      (branch) => [branchPage(branch), renderBranch(data, branch, links)] as const,
    ),
    ['page.css', assets.style],
    ['page.js', assets.script],
    ['icon.svg', assets.icon],
  ]);
}
