import { formatSize } from '../format-size.ts';
import { dayNumber, monthTicks, position, type Scale } from './days.ts';
import { html, joined, type Content, type Html } from './html.ts';
import { placeLink, publishedOn, shortName, versionId, type Links } from './links.ts';
import { verdictMark } from './marks.ts';
import type { PageData, PageImage, PageReason, PageVersion } from './page-data.ts';
import { detailsRenderer } from './render-details.ts';

/** Reasons that a row shows; the others are folded. */
const SHOWN_REASONS = 3;

/** The versions as a table with a time line: each a bar from its publication to the day on which it goes. */
export function renderVersions(data: PageData, image: PageImage, links: Links): Html {
  const { versions } = image;
  if (versions.length === 0) return html`<p>The registry has no version of this image.</p>`;
  const scale = scaleOf(data.day, versions);
  const today = position(scale, data.day);
  const details = detailsRenderer(image, links);
  return html`<table class="versions">
    <thead>
      <tr>
        <th scope="col">Version</th>
        <th scope="col" class="n">Size</th>
        <th scope="col" class="time">${axis(scale, today)}</th>
        <th scope="col">Kept or deleted, and why</th>
      </tr>
    </thead>
    <tbody>
      ${versions.map(
        (version) =>
          html`<tr id="${versionId(version.digest)}">
              <th scope="row">
                ${publishedOn(version)} <code>${shortName(version)}</code>
                ${version.aliases.map((alias) => html` <i>${alias}</i>`)}
              </th>
              <td class="n">${formatSize(version.bytes)}</td>
              <td class="time">${bar(scale, today, version)}</td>
              <td>
                ${verdictMark(version.verdict)} ${until(version)} ${reasons(version.reasons, links)}
              </td>
            </tr>
            <tr class="more">
              <td colspan="4">${details(version)}</td>
            </tr>`,
      )}
    </tbody>
  </table>`;
}

function until({ verdict, goesAt }: PageVersion): string {
  if (goesAt === undefined) return verdict === 'keep' ? 'for good, as things are' : '';
  return verdict === 'keep' ? `until ${goesAt}` : `on ${goesAt}`;
}

function reasons(all: readonly PageReason[], links: Links): Html {
  const item = (reason: PageReason) => html`<li>${reasonText(reason, links)}</li>`;
  const folded = all.slice(SHOWN_REASONS);
  return html`<ul>
      ${all.slice(0, SHOWN_REASONS).map(item)}
    </ul>
    ${
      folded.length === 0
        ? undefined
        : html`<details>
            <summary>${folded.length} more</summary>
            <ul>
              ${folded.map(item)}
            </ul>
          </details>`
    }`;
}

function reasonText({ text, branch, place, since }: PageReason, links: Links): Content {
  const parts = [
    text,
    branch && links.branch(branch),
    place && html`(${placeLink(place)})`,
    since === undefined ? undefined : html`since <time>${since}</time>`,
  ];
  return joined(
    parts.filter((part) => part !== undefined),
    ' ',
  );
}

/** Days that a time line shows of the future, at least. */
const FUTURE = 45;

/** From the first publication to the last day on which a version goes, but no further than the past is long. */
function scaleOf(day: string, versions: readonly PageVersion[]): Scale {
  const today = dayNumber(day);
  const from = Math.min(today - FUTURE, ...days(versions.map(({ published }) => published)));
  const ends = days(versions.map(({ goesAt }) => goesAt));
  const last = Math.min(Math.max(...ends, today) + FUTURE / 3, 2 * today - from);
  return { from, to: Math.max(last, today + FUTURE) };
}

function days(all: readonly (string | undefined)[]): readonly number[] {
  return all.flatMap((day) => (day === undefined ? [] : [dayNumber(day)]));
}

function axis(scale: Scale, today: number): Html {
  const ticks = monthTicks(scale).filter(({ at }) => Math.abs(at - today) > 0.09);
  return html`<span class="sr">Time line</span
    ><svg aria-hidden="true">
      ${ticks.map(({ at, name }) => html`<text x="${percent(at)}" y="11">${name}</text>`)}
      <text class="today" x="${percent(today)}" y="11">today</text>
    </svg>`;
}

/** For eyes; the columns beside it have its days. */
function bar(scale: Scale, today: number, { published, verdict, goesAt }: PageVersion): Html {
  const start = published === undefined ? 0 : position(scale, published);
  const end = goesAt === undefined ? 1 : position(scale, goesAt);
  const width = Math.max(end - start, 0.006);
  return html`<svg aria-hidden="true" class="${verdict}">
    <rect x="${percent(start)}" width="${percent(width)}" />
    <line x1="${percent(today)}" x2="${percent(today)}" />
  </svg>`;
}

function percent(part: number): string {
  return `${Number((part * 100).toFixed(1))}%`;
}
