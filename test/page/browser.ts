import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { posix } from 'node:path';
import { chromium, type BrowserContextOptions, type Page } from 'playwright-core';
import { provideChromium } from '../../infra/toolchain/programs.ts';

type Site = ReadonlyMap<string, string>;

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css',
  '.js': 'text/javascript',
  '.svg': 'image/svg+xml',
};

/** Serves sites on loopback, each below its name. */
async function serveSites(sites: Readonly<Record<string, Site>>) {
  const server = createServer(({ url = '' }, response) => {
    const [, name = '', ...path] = decodeURIComponent(url).split('/');
    const content = sites[name]?.get(path.join('/'));
    const type = TYPES[posix.extname(url)] ?? 'text/plain';
    response.writeHead(content === undefined ? 404 : 200, { 'content-type': type }).end(content);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { origin: `http://127.0.0.1:${port}`, server };
}

/** A page in a browser, and what a maintainer would not want to see. */
interface Visit {
  readonly page: Page;
  /** Errors of its console, failed requests, and requests to other places. */
  readonly complaints: readonly string[];
}

/** Chromium with sites that are served on loopback. */
export async function startBrowser(sites: Readonly<Record<string, Site>>) {
  const executablePath = await provideChromium(console.error);
  const { origin, server } = await serveSites(sites);
  // Chromium's own sandbox does not run as root.
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  return {
    origin,
    /** Calls `look` with a page of its own. */
    async visit<T>(options: BrowserContextOptions, look: (visit: Visit) => Promise<T>): Promise<T> {
      const context = await browser.newContext(options);
      const page = await context.newPage();
      const complaints: string[] = [];
      page.on('console', (message) => {
        if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
      });
      page.on('pageerror', (error) => complaints.push(error.message));
      page.on('dialog', (dialog) => {
        complaints.push(`dialog ${dialog.message()}`);
        void dialog.dismiss();
      });
      page.on('request', (request) => {
        const url = request.url();
        if (!url.startsWith(origin) && !url.startsWith('file:')) complaints.push(`asks ${url}`);
      });
      page.on('response', (response) => {
        if (response.status() >= 400) complaints.push(`${response.status()} ${response.url()}`);
      });
      try {
        return await look({ page, complaints });
      } finally {
        await context.close();
      }
    },
    async close(): Promise<void> {
      await browser.close();
      server.close();
      server.closeAllConnections();
    },
  };
}

/** Opens all folds of a page. */
export async function unfold(page: Page): Promise<void> {
  await page.evaluate(`for (const each of document.querySelectorAll('details')) each.open = true`);
}

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface AxeResult {
  readonly id: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
}

/** What axe finds on a page with everything unfolded, a text each: by all rules, or by some. */
export async function axeFindings(
  page: Page,
  rules?: readonly string[],
): Promise<readonly string[]> {
  await unfold(page);
  await page.evaluate(AXE);
  const found = await page.evaluate<readonly AxeResult[]>(
    `axe.run(${JSON.stringify({ resultTypes: ['violations'], runOnly: rules })}).then(({ violations }) => violations)`,
  );
  return found.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary = '' }) => `${id}: ${html}\n${failureSummary}`),
  );
}
