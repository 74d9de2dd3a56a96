import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readPageAssets } from '../../src/cli/page-assets.ts';
import { renderSite } from '../../src/page/render-site.ts';
import { sharedFolder } from '../git/temporary-folder.ts';
import { axeFindings, startBrowser, unfold } from './browser.ts';
import { foreignPage, HOSTILE } from './hostile.ts';
import { samplePage } from './sample.ts';

const folder = sharedFolder();
const hostile = foreignPage((plain) => `${plain} ${HOSTILE.join(' ')}`);
const sample = samplePage();

/** One of each: a container, a disk that does not start, one that no version is left of, one made by hand. */
const NAMES = ['debian-12', 'vm-debian-11', 'vm-opensuse-leap-15', 'vm-kubespray-ci'];
const few = {
  ...sample,
  images: sample.images.filter(({ name }) => NAMES.includes(name)),
  branches: sample.branches.filter(({ branch }) => ['main', 'release-2.29'].includes(branch)),
};
const sites = {
  sample: renderSite(sample, readPageAssets()),
  /** Whose branches also need images that it does not have. */
  small: renderSite(few, readPageAssets()),
  hostile: renderSite(hostile, readPageAssets()),
};

let browser: Awaited<ReturnType<typeof startBrowser>>;
beforeAll(async () => {
  browser = await startBrowser(sites);
});
afterAll(() => browser.close());

const OVERVIEW = 'sample/index.html';
const CONTAINER = 'sample/images/debian-12.html';
const SMALL_PAGES = pagesOf('small');
const HOSTILE_PAGES = pagesOf('hostile');

function pagesOf(site: keyof typeof sites): readonly string[] {
  const paths = [...sites[site].keys()].filter((path) => path.endsWith('.html'));
  return paths.map((path) => `${site}/${path}`);
}

function address(path: string): string {
  return `${browser.origin}/${path}`;
}

test.each([
  ['light', undefined],
  // What else axe looks at is the same in all colours.
  ['dark', ['color-contrast']],
] as const)('axe finds nothing in %s colours', async (colorScheme, rules) => {
  await browser.visit({ colorScheme }, async ({ page, complaints }) => {
    for (const path of SMALL_PAGES) {
      await page.goto(address(path));
      expect(await axeFindings(page, rules), path).toEqual([]);
    }
    expect(complaints).toEqual([]);
  });
});

test('no page is wider than the screen', async () => {
  await browser.visit({}, async ({ page }) => {
    for (const path of [OVERVIEW, ...SMALL_PAGES, ...HOSTILE_PAGES]) {
      await page.goto(address(path));
      await unfold(page);
      for (const width of [360, 768, 1280]) {
        await page.setViewportSize({ width, height: 800 });
        expect(await page.evaluate('document.documentElement.scrollWidth'), path).toBe(width);
      }
    }
  });
});

test('search and filters work with the keyboard alone', async () => {
  await browser.visit({}, async ({ page }) => {
    await page.goto(address(OVERVIEW));
    const count = page.locator('#count');
    const shown = () => page.locator('#list tbody th:visible').allTextContents();
    expect(await count.textContent()).toBe('48 of 48 images');

    await page.keyboard.press('Tab'); // skips to the content
    await page.keyboard.press('Enter');
    // The fold of the numbers is between.
    for (const _ of ['numbers', 'search']) await page.keyboard.press('Tab');
    await page.keyboard.type('VM Fedora');
    expect(await count.textContent()).toBe('9 of 48 images');

    await page.keyboard.press('Tab');
    await page.keyboard.type('fedora-coreos');
    expect(await shown()).toEqual(['vm-fedora-coreos']);
    const chosen = address(`${OVERVIEW}#text=VM+Fedora&distribution=fedora-coreos`);
    // The browser tells of it when it gets to it.
    await expect.poll(() => page.url()).toBe(chosen);

    for (const _ of ['kind', 'branch', 'state', 'clear']) await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await expect.poll(() => count.textContent()).toBe('48 of 48 images');
    await expect.poll(() => page.url()).toBe(address(OVERVIEW));
  });
});

test('an address shows the choice that it holds', async () => {
  const missing = sample.images.filter(
    ({ states, neededBy }) =>
      states.includes('missing') && neededBy.some((each) => each.branch === 'release-2.30'),
  );
  await browser.visit({}, async ({ page }) => {
    await page.goto(address(`${OVERVIEW}#state=missing&branch=kubespray+release-2.30&kind=gone`));
    const shown = await page.locator('#list tbody th:visible').allTextContents();
    expect(shown).toEqual(missing.map(({ name }) => name));
    expect(shown).not.toEqual([]);
  });
});

test('bars begin and end where their days are, and share one line for today', async () => {
  await browser.visit({}, async ({ page }) => {
    await page.goto(address(CONTAINER));
    const edges = (selector: string, side: 'left' | 'right') =>
      page.evaluate<number[]>(
        `[...document.querySelectorAll('${selector}')].map((each) => Math.round(each.getBoundingClientRect().${side}))`,
      );
    const starts = await edges('.versions tbody rect', 'left');
    expect(starts).toHaveLength(10);
    // Versions are two weeks apart, the newest first.
    const steps = starts.slice(1).map((left, at) => (starts[at] ?? 0) - left);
    expect(Math.min(...steps)).toBeGreaterThan(0);
    expect(Math.max(...steps) - Math.min(...steps)).toBeLessThanOrEqual(2);
    const ends = await edges('.versions tbody rect', 'right');
    const [today = 0, ...others] = new Set(await edges('.versions use', 'left'));
    expect(others).toEqual([]);
    // The months stand above the days.
    for (const side of ['left', 'right'] as const) {
      expect(new Set(await edges('.versions svg', side)).size).toBe(1);
    }
    // Five are kept without an end, one for some days, and four could go long ago.
    expect(new Set(ends.slice(0, 5)).size).toBe(1);
    expect(ends.map((end) => end > today)).toEqual(ends.map((_, at) => at < 6));
  });
});

test('all links lead somewhere, and no page complains or asks elsewhere', async () => {
  await browser.visit({}, async ({ page, complaints }) => {
    const seen = new Set<string>();
    const left = [address('small/index.html')];
    for (let next = left.pop(); next !== undefined; next = left.pop()) {
      if (seen.has(next)) continue;
      seen.add(next);
      await page.goto(next);
      const hrefs = await page.evaluate<string[]>(`[...document.links].map(({ href }) => href)`);
      const local = hrefs.filter((href) => href.startsWith(browser.origin));
      left.push(...local.map((href) => href.replace(/#.*/, '')));
    }
    expect(seen).toEqual(new Set(SMALL_PAGES.map(address)));
    expect(complaints).toEqual([]);
  });
});

test('hostile strings stay text', async () => {
  const [image] = hostile.images;
  await browser.visit({}, async ({ page, complaints }) => {
    for (const path of HOSTILE_PAGES) {
      await page.goto(address(path));
      await page.evaluate(`document.querySelector('#filters select')?.focus()`);
      expect(await page.title()).not.toBe('taken');
      const strange = 'script:not([src="page.js"], [src="../page.js"]), img, [onfocus], [onerror]';
      expect(await page.locator(strange).count(), path).toBe(0);
      expect(await page.locator('[href^="javascript" i]').count(), path).toBe(0);
    }
    await page.goto(address('hostile/index.html'));
    const text = await page.locator('#list tbody th').first().textContent();
    expect(text).toContain(`image <script>document.title = 'taken'</script> "><img src="x"`);
    expect(text).toContain('&lt;b&gt; &amp;amp; &#60;');
    expect(text).toHaveLength(image?.name.length ?? 0);
    expect(complaints).toEqual([]);
  });
});

test('without a script all is there but search and filters', async () => {
  await browser.visit({ javaScriptEnabled: false }, async ({ page, complaints }) => {
    await page.goto(address(OVERVIEW));
    expect(await page.locator('#filters').isVisible()).toBe(false);
    expect(await page.locator('#list tbody tr:visible').count()).toBe(48);
    await page.getByRole('link', { name: 'vm-debian-11', exact: true }).click();
    await page.waitForURL('**/vm-debian-11.html');
    expect(await page.getByText('no login prompt within 300 s').last().isVisible()).toBe(true);
    const console = page.getByText('dev-vda1.device: Job timed out');
    expect(await console.isVisible()).toBe(false);
    await page.getByText('The end of its console').click();
    expect(await console.isVisible()).toBe(true);
    expect(complaints).toEqual([]);
  });
});

test('a copy button copies what stands beside it', async () => {
  const permissions = ['clipboard-read', 'clipboard-write'];
  await browser.visit({ permissions }, async ({ page }) => {
    await page.goto(address(CONTAINER));
    await page.locator('.pull button').last().click();
    await page
      .getByRole('button', { name: /Copy .*:latest/ })
      .getByText('Copied')
      .waitFor();
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe(
      `${sample.registry}/debian-12:latest`,
    );
  });
});

test('opens from a folder', async () => {
  for (const [path, content] of sites.sample) {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }
  await browser.visit({}, async ({ page, complaints }) => {
    await page.goto(pathToFileURL(join(folder, 'index.html')).href);
    await page.getByRole('searchbox').fill('vm-oracle-7');
    await page.getByRole('link', { name: 'vm-oracle-7', exact: true }).click();
    // Once its style is loaded.
    await page.waitForURL('**/vm-oracle-7.html');
    const position = 'getComputedStyle(document.querySelector(".snippet")).position';
    expect(await page.evaluate(position)).toBe('relative');
    expect(complaints).toEqual([]);
  });
});
