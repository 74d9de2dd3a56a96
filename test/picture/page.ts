import { readPageAssets } from '../../src/cli/page-assets.ts';
import { renderSite } from '../../src/page/render-site.ts';
import { startBrowser } from '../page/browser.ts';
import { samplePage } from '../page/sample.ts';

// `npm run page-picture`: takes README.md's picture of the page, of the images that the tests of the page have.

const sample = { ...samplePage(), warnings: [] };
const browser = await startBrowser({ sample: renderSite(sample, readPageAssets()) });
try {
  await browser.visit({ viewport: { width: 1100, height: 800 } }, async ({ page }) => {
    await page.goto(`${browser.origin}/sample/index.html#branch=kubespray+release-2.29`);
    await page.screenshot({ path: '.github/page.png' });
  });
} finally {
  await browser.close();
}
