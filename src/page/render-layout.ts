import { html, type Content } from './html.ts';
import type { PageData } from './page-data.ts';

/** The style sheet, the script and the icon of the site, as they are. */
export interface PageAssets {
  readonly style: string;
  readonly script: string;
  readonly icon: string;
}

/** Nothing comes from elsewhere, and no markup brings style or script with it. */
const POLICY =
  "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'";

interface Layout {
  readonly title: string;
  /** Leads to the overview's folder. */
  readonly root: '' | '../';
  readonly main: Content;
}

export function renderLayout(
  { day, registry, warnings }: PageData,
  { title, root, main }: Layout,
): string {
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${POLICY}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="referrer" content="no-referrer" />
        <title>${title}</title>
        <link rel="icon" href="${root}icon.svg" type="image/svg+xml" />
        <link rel="stylesheet" href="${root}page.css" />
        <script src="${root}page.js" defer></script>
      </head>
      <body>
        <a class="skip" href="#main">Skip to the content</a>
        <header>
          <a class="home" href="${root}index.html">Kubernetes CI images</a>
          <span class="where"><code>${registry}</code> on <time>${day}</time></span>
        </header>
        <main id="main" tabindex="-1">
          ${
            root === '' || warnings.length === 0
              ? undefined
              : html`<p class="warnings">
                  Not everything could be read: see <a href="${root}index.html">the overview</a>.
                </p>`
          }
          ${main}
        </main>
      </body>
    </html>`;
  return `${String(page)}\n`;
}
