import { formatSize } from '../format-size.ts';
import { ageAt } from './days.ts';
import { html, joined, type Content, type Html } from './html.ts';
import { counted, keyOf, shortName, type Links } from './links.ts';
import { imageStates, needState, STATE_MEANINGS } from './marks.ts';
import type { PageBranch, PageData, PageImage } from './page-data.ts';
import { renderFilters } from './render-filters.ts';
import { renderLayout } from './render-layout.ts';
import { renderSizes, sizeOn } from './render-sizes.ts';

export function renderOverview(data: PageData, links: Links): string {
  const main = html`<h1>Overview</h1>
    ${warnings(data)} ${notes(data)}
    <div class="figures">${totals(data)} ${renderSizes(data)}</div>
    <section aria-labelledby="images">
      <h2 id="images">Images</h2>
      ${renderFilters(data)} ${imagesTable(data, links)} ${legend()}
    </section>
    ${branchesSection(data, links)}`;
  return renderLayout(data, { title: 'Kubernetes CI images', root: '', main });
}

function warnings({ warnings: all }: PageData): Content {
  if (all.length === 0) return undefined;
  return html`<section class="warnings" aria-labelledby="warnings">
    <h2 id="warnings">This page is incomplete</h2>
    <ul>
      ${all.map((warning) => html`<li>${warning}</li>`)}
    </ul>
  </section>`;
}

function notes({ notes: all = [] }: PageData): Content {
  if (all.length === 0) return undefined;
  return html`<ul class="notes">
    ${all.map((note) => html`<li>${note}</li>`)}
  </ul>`;
}

/** In place of a figure whose source could not be read. */
const UNKNOWN = 'unknown';

function totals(data: PageData): Html {
  const { day, images, sizes, cleanUp, unread = [] } = data;
  const { next, isDryRun } = cleanUp;
  const total = (term: string, value: Content, note: Content) =>
    html`<div>
      <dt>${term}</dt>
      <dd>${value} <small>${note}</small></dd>
    </div>`;
  const states = Map.groupBy(images, ({ states: [first] }) => first);
  const others = [...states].flatMap(([state, { length }]) =>
    state === undefined || state === 'published'
      ? []
      : [html`<span class="whole">${length} ${state}</span>`],
  );
  const isFine = images.length > 0 && others.length === 0;
  const kept = images.flatMap(({ versions }) => versions);
  const going = kept.filter(({ verdict }) => verdict === 'delete');
  const willGo = unread.includes('branches') ? UNKNOWN : going.length;
  const freed = next === undefined ? 'frees nothing' : formatSize(next.bytes);
  return html`<dl class="totals">
    ${total('Images', images.length, isFine ? 'all published' : joined(others, ', '))}
    ${
      unread.includes('registry')
        ? [total('Versions', UNKNOWN, undefined), total('Size', UNKNOWN, undefined)]
        : [
            total('Versions', kept.length, html`${willGo} to be deleted`),
            total('Size', formatSize(sizeOn(sizes, day)), 'shared layers once, where known'),
          ]
    }
    ${total(
      isDryRun ? 'Next clean-up, a dry run' : 'Next clean-up',
      unread.length > 0 ? UNKNOWN : freed,
      next && html`of ${counted(next.versions, 'version')} on <time>${next.day}</time>`,
    )}
  </dl>`;
}

function imagesTable(data: PageData, links: Links): Html {
  return html`<table class="cards" id="list">
    <thead>
      <tr>
        <th scope="col">Image</th>
        <th scope="col">State</th>
        <th scope="col">Platforms</th>
        <th scope="col">Newest</th>
        <th scope="col" class="n">Age</th>
        <th scope="col" class="n">Size</th>
        <th scope="col" class="n">Versions</th>
        <th scope="col">Needed by</th>
      </tr>
    </thead>
    <tbody>
      ${data.images.map((image) => imageRow(data, image, links))}
    </tbody>
  </table>`;
}

function imageRow({ day, unread = [] }: PageData, image: PageImage, links: Links): Html {
  const { name, declared, states, versions, neededBy } = image;
  const [newest] = versions;
  return html`<tr
    data-distribution="${declared?.distribution ?? ''}"
    data-kind="${declared?.kind ?? ''}"
    data-branch="${neededBy.map(keyOf).join('\n')}"
    data-state="${states.join('\n')}"
  >
    <th scope="row">${links.image(name)}</th>
    <td data-label="State">
      ${imageStates(states)}${declared === undefined ? ' not in the catalog' : undefined}
    </td>
    <td data-label="Platforms">${joined(declared?.platforms ?? platformsOf(image), ', ')}</td>
    ${
      newest === undefined
        ? html`<td data-label="Newest" colspan="4">
            ${unread.includes('registry') ? UNKNOWN : 'none'}
          </td>`
        : html`<td data-label="Newest">
              ${links.version(name, newest.digest, html`<code>${shortName(newest)}</code>`)}
            </td>
            <td data-label="Age" class="n">${ageAt(day, newest.published)}</td>
            <td data-label="Size" class="n">${formatSize(newest.bytes)}</td>
            <td data-label="Versions" class="n">${versions.length}</td>`
    }
    <td data-label="Needed by">${links.branches(neededBy)}</td>
  </tr>`;
}

function platformsOf({ versions: [newest] }: PageImage): readonly string[] {
  return newest?.platforms.map(({ platform }) => platform) ?? [];
}

function legend(): Html {
  return html`<details>
    <summary>What the states mean</summary>
    <dl>
      ${Object.entries(STATE_MEANINGS).map(
        ([state, meaning]) =>
          html`<dt>${state}</dt>
            <dd>${meaning}</dd>`,
      )}
    </dl>
  </details>`;
}

function branchesSection({ branches }: PageData, links: Links): Content {
  if (branches.length === 0) return undefined;
  return html`<section aria-labelledby="branches">
    <h2 id="branches">Branches</h2>
    <table>
      <thead>
        <tr>
          <th scope="col">Branch</th>
          <th scope="col" class="n">Needs</th>
          <th scope="col">Of them</th>
        </tr>
      </thead>
      <tbody>
        ${branches.map((branch) => branchRow(branch, links))}
      </tbody>
    </table>
  </section>`;
}

function branchRow(branch: PageBranch, links: Links): Html {
  const groups = [...Map.groupBy(branch.needs, ({ state }) => state)];
  const counts = groups.map(([state, { length }]) => html`${length} ${needState(state)}`);
  return html`<tr>
    <th scope="row">${links.branch(branch)}</th>
    <td class="n">${branch.needs.length}</td>
    <td>${joined(counts, ', ')}</td>
  </tr>`;
}
