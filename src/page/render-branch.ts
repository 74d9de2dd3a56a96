import { html, joined, webLink, type Content, type Html } from './html.ts';
import { foldedList, placeLink, publishedOn, shortName, type Links } from './links.ts';
import { needState } from './marks.ts';
import type { PageBranch, PageData, PageNeed } from './page-data.ts';
import { renderLayout } from './render-layout.ts';

export function renderBranch(data: PageData, branch: PageBranch, links: Links): string {
  const { source, needs } = branch;
  const title = `${source} ${branch.branch}`;
  const main = html`<h1>${title}</h1>
    <p>A supported branch of ${webLink(branch.url, source)}. ${countOf(needs)}</p>
    ${needs.length === 0 ? undefined : needsTable(data, needs, links)}`;
  return renderLayout(data, { title, root: '../', main });
}

/** How many needs there are, and how many of them are in each state but `there`. */
function countOf(needs: readonly PageNeed[]): Content {
  const groups = Map.groupBy(needs, ({ state }) => state);
  const isFine = groups.get('there')?.length === needs.length;
  const images = new Set(needs.map(({ image }) => image)).size;
  const all = images === 1 ? 'one image' : `${images} images`;
  const wanted = images === needs.length ? all : `${needs.length} versions of ${all}`;
  if (needs.length === 0) return 'It needs no image.';
  if (isFine) return `It needs ${wanted}, and gets all of them.`;
  const others = [...groups].filter(([state]) => state !== 'there');
  const counts = others.map(([state, { length }]) => html`${length} ${needState(state)}`);
  return html`It needs ${wanted}: ${joined(counts, ', ')}.`;
}

/** For an order in which what is missing comes first. */
function isFine({ state }: PageNeed): number {
  return Number(state === 'there');
}

function needsTable({ images }: PageData, needs: readonly PageNeed[], links: Links): Html {
  const versions = new Map(
    images.flatMap(({ name, versions: all }) =>
      all.map((version) => [`${name}@${version.digest}`, version] as const),
    ),
  );
  const row = ({ image, wanted, gets, state, places }: PageNeed) => {
    const version = gets === undefined ? undefined : versions.get(`${image}@${gets}`);
    const nothing = state === 'unknown' ? 'unknown' : 'nothing';
    return html`<tr>
      <th scope="row">${links.image(image)}</th>
      <td data-label="Wants"><code>${wanted}</code></td>
      <td data-label="State">${needState(state)}</td>
      <td data-label="Gets">
        ${
          gets === undefined
            ? nothing
            : links.version(
                image,
                gets,
                html`<code>${shortName(version ?? { digest: gets })}</code>`,
              )
        }
        ${version && html`of ${publishedOn(version)}`}
      </td>
      <td data-label="Named in">${foldedList(places.map(placeLink), 3)}</td>
    </tr>`;
  };
  return html`<table class="cards">
    <thead>
      <tr>
        <th scope="col">Image</th>
        <th scope="col">Wants</th>
        <th scope="col">State</th>
        <th scope="col">Gets</th>
        <th scope="col">Named in</th>
      </tr>
    </thead>
    <tbody>
      ${needs.toSorted((a, b) => isFine(a) - isFine(b)).map(row)}
    </tbody>
  </table>`;
}
