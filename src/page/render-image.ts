import { formatSize } from '../format-size.ts';
import { html, type Content, type Html } from './html.ts';
import { placeLink, shortName, type Links } from './links.ts';
import { imageStates, verificationMark } from './marks.ts';
import type { PageData, PageImage, PageVerification, PageVersion } from './page-data.ts';
import { renderLayout } from './render-layout.ts';
import { renderPull } from './render-pull.ts';
import { renderVersions } from './render-versions.ts';

export function renderImage(data: PageData, image: PageImage, links: Links): string {
  const main = html`<h1>${image.name}</h1>
    <p>${imageStates(image.states)}</p>
    ${facts(data, image, links)} ${renderPull(data, image, links)}
    <section aria-labelledby="versions">
      <h2 id="versions">Versions</h2>
      ${
        data.cleanUp.isDryRun
          ? html`<p>Clean-ups are a dry run: they delete nothing as yet.</p>`
          : undefined
      }
      ${renderVersions(data, image, links)} ${detailsRule(image)}
    </section>
    ${lastVerification(image, links)}`;
  return renderLayout(data, { title: image.name, root: '../', main });
}

function facts(
  { unread = [] }: PageData,
  { declared, neededBy, versions, bytes }: PageImage,
  links: Links,
): Html {
  const fact = (term: string, content: Content) =>
    html`<div>
      <dt>${term}</dt>
      <dd>${content}</dd>
    </div>`;
  const isRead = !unread.includes('registry');
  const isAbsent = isRead && !versions.some(({ tag }) => tag === declared?.tag);
  return html`<dl class="facts">
    ${
      declared === undefined
        ? fact('Catalog', 'does not have this image')
        : [
            fact('Kind', declared.kind),
            fact('Distribution', `${declared.distribution} ${declared.version}`),
            fact('Platforms', declared.platforms.join(', ')),
            fact('Catalog', placeLink(declared.place)),
            fact(
              'Tag of the catalog',
              html`<code>${declared.tag}</code>${isAbsent ? ', not published' : undefined}`,
            ),
          ]
    }
    ${fact('Needed by', links.branches(neededBy))}
    ${fact(
      'Versions',
      isRead
        ? `${versions.length}, ${formatSize(bytes)}, shared layers once, where known`
        : 'unknown',
    )}
  </dl>`;
}

/** Why versions have no details, where some have none. */
function detailsRule({ versions }: PageImage): Content {
  if (versions.every(({ details }) => details !== undefined)) return undefined;
  return html`<p>
    Details are read of the newest five, and of those that an alias, the catalog or a branch names.
  </p>`;
}

type Verified = PageVersion & { readonly verification: PageVerification };

/** Lines of the console of an image that came up. */
const SHOWN_LINES = 20;

/** The console is long: only the latest of all versions has it. */
function lastVerification({ name, versions }: PageImage, links: Links): Content {
  const verified = versions.flatMap((version): Verified[] => {
    const verification = version.details?.verification;
    return verification === undefined ? [] : [{ ...version, verification }];
  });
  const [last] = verified.toSorted((a, b) => (a.verification.day < b.verification.day ? 1 : -1));
  if (versions.length === 0) return undefined;
  const title = html`<h2 id="verification">Last verification</h2>`;
  if (last === undefined) {
    return html`<section aria-labelledby="verification">
      ${title}
      <p>None is known where this page was written.</p>
    </section>`;
  }
  const { isUp, text, day, console } = last.verification;
  return html`<section aria-labelledby="verification">
    ${title}
    <p>
      ${verificationMark(isUp)} ${text}, on <time>${day}</time>:
      ${links.version(name, last.digest, shortName(last))}
    </p>
    ${
      console.length === 0
        ? undefined
        : html`<details>
            <summary>The end of its console</summary>
            <pre tabindex="0">${console.slice(isUp ? -SHOWN_LINES : 0).join('\n')}</pre>
          </details>`
    }
  </section>`;
}
