import { formatSize } from '../format-size.ts';
import { dayNumber, monthTicks, percent, position, type Scale } from './days.ts';
import { html, joined, type Content, type Html } from './html.ts';
import { foldedList, placeLink, publishedOn, shortName, versionId, type Links } from './links.ts';
import { verdictMark } from './marks.ts';
import type { PageData, PageImage, PageReason, PageVersion } from './page-data.ts';
import { detailsRenderer } from './render-details.ts';

/** Reasons that a group shows; the others are folded. */
const SHOWN_REASONS = 4;

/**
 * The versions as a table with a time line: each a bar from its publication to the day on which it goes. Neighbours with
 * the same verdict for the same reasons have these once, above.
 */
export function renderVersions(data: PageData, image: PageImage, links: Links): Html {
  const { versions } = image;
  if (data.unread?.includes('registry')) return html`<p>The registry could not be read.</p>`;
  if (versions.length === 0) return html`<p>The registry has no version of this image.</p>`;
  const scale = scaleOf(data.day, versions);
  const details = detailsRenderer(image);
  const row = (version: PageVersion) =>
    html`<tr id="${versionId(version.digest)}">
        <th scope="row">
          ${publishedOn(version)} <code>${nameIn(version)}</code>
          ${version.aliases.map((alias) => html` <i>${alias}</i>`)}
        </th>
        <td>${version.verdict === 'delete' ? 'due ' : undefined}${version.goesAt}</td>
        <td>${formatSize(version.bytes)}</td>
        <td>${bar(scale, data.day, version)}</td>
      </tr>
      ${
        version.details &&
        html`<tr class="more">
          <td colspan="4">${details(version, version.details)}</td>
        </tr>`
      }`;
  return html`<table class="versions">
    <thead>
      <tr>
        <th scope="col">Version</th>
        <th scope="col">Until</th>
        <th scope="col" class="n">Size</th>
        <th scope="col" class="time">${axis(scale, data.day)}</th>
      </tr>
    </thead>
    ${groupsOf(versions).map(
      (group) =>
        html`<tbody class="${group[0].verdict}">
          <tr>
            <th colspan="4" scope="rowgroup">${heading(group[0], links)}</th>
          </tr>
          ${group.map(row)}
        </tbody>`,
    )}
  </table>`;
}

/** The details below a row have the rest. */
function nameIn(version: PageVersion): string {
  return version.details === undefined ? (version.tag ?? version.digest) : shortName(version);
}

type Group = readonly [PageVersion, ...PageVersion[]];

function groupsOf(versions: readonly PageVersion[]): readonly Group[] {
  const keyOf = (version: PageVersion) =>
    JSON.stringify([version.verdict, version.goesAt === undefined, reasonsOf(version)]);
  const groups: [PageVersion, ...PageVersion[]][] = [];
  for (const version of versions) {
    const last = groups.at(-1);
    if (last !== undefined && keyOf(last[0]) === keyOf(version)) last.push(version);
    else groups.push([version]);
  }
  return groups;
}

/** The reasons without the days that the row of the version shows anyway. */
function reasonsOf({ reasons, published, goesAt }: PageVersion): readonly PageReason[] {
  return reasons.map(({ since, ...reason }) =>
    since === published || since === goesAt ? reason : { ...reason, since },
  );
}

function heading(version: PageVersion, links: Links): Html {
  const { verdict, goesAt } = version;
  const reasons = reasonsOf(version).map((reason) => reasonText(reason, links));
  return html`${verdictMark(verdict)}${verdict === 'keep' && goesAt === undefined ? ' while:' : ':'}
  ${foldedList(reasons, SHOWN_REASONS)}`;
}

function reasonText(
  { text, branch, place, otherPlaces, since }: PageReason,
  links: Links,
): Content {
  const more = otherPlaces === undefined ? undefined : ` and ${otherPlaces} more`;
  const parts = [
    text,
    branch && links.branch(branch),
    place && html`(${placeLink(place)}${more})`,
    since === undefined ? undefined : html`since <time>${since}</time>`,
  ];
  return joined(
    parts.filter((part) => part !== undefined),
    ' ',
  );
}

/** Days that a time line shows of the future, at least. */
const FUTURE = 45;

/** From the first publication to the last day on which a version goes. The future is at most as long as the past. */
function scaleOf(day: string, versions: readonly PageVersion[]): Scale {
  const today = dayNumber(day);
  const from = Math.min(today - FUTURE, ...days(versions.map(({ published }) => published)));
  const last = Math.max(today, ...days(versions.map(({ goesAt }) => goesAt))) + FUTURE / 3;
  return { from, to: Math.max(Math.min(last, 2 * today - from), today + FUTURE) };
}

function days(all: readonly (string | undefined)[]): readonly number[] {
  return all.flatMap((day) => (day === undefined ? [] : [dayNumber(day)]));
}

/** The months, and what each bar has before it: a veil over the future, and today. */
function axis(scale: Scale, day: string): Html {
  const today = position(scale, day);
  const ticks = monthTicks(scale).filter(({ at }) => Math.abs(at - today) > 0.1);
  return html`<span class="sr">Time line</span
    ><svg aria-hidden="true">
      <defs>
        <g id="now">
          <rect class="veil" x="${percent(today)}" width="${percent(1 - today)}" />
          <line class="now" x1="${percent(today)}" x2="${percent(today)}" y2="100%" />
        </g>
      </defs>
      ${ticks.map(({ at, name }) => html`<text x="${percent(at)}" y="11">${name}</text>`)}
      <text class="today" x="${percent(today)}" y="11">today</text>
    </svg>`;
}

/** Hidden from screen readers, since the row has the days. A version that is due stays until a clean-up deletes it. */
function bar(scale: Scale, today: string, { published, goesAt }: PageVersion): Html {
  const start = published === undefined ? 0 : position(scale, published);
  const end = goesAt === undefined ? 1 : position(scale, goesAt < today ? today : goesAt);
  const width = Math.max(end - start, 0.006);
  return html`<svg aria-hidden="true">
    <rect x="${percent(start)}" width="${percent(width)}" />
    <use href="#now" />
  </svg>`;
}
