import { formatSize } from '../format-size.ts';
import { dayNumber, dayOf, monthTicks, percent, position, type Scale } from './days.ts';
import { html, type Content, type Html } from './html.ts';
import type { PageData } from './page-data.ts';

/** The size over time as a drawing that stretches with the page, and its numbers as a table. */
export function renderSizes({ day, sizes, unread = [] }: PageData): Content {
  const [first] = sizes;
  const last = sizes.at(-1);
  if (first === undefined || last === undefined || first.day === last.day) return undefined;
  const from = dayNumber(first.day);
  const today = dayNumber(day);
  // The last size holds: what is to come has room to be seen.
  const scale = { from, to: Math.max(dayNumber(last.day), today + Math.ceil((today - from) / 8)) };
  const top = roundedUp(Math.max(...sizes.map(({ bytes }) => bytes)));
  return html`<figure>
    <figcaption>
      Size of what is there today, by the day of its
      upload${unread.length === 0 ? ', and what clean-ups leave of it' : undefined}
    </figcaption>
    <svg class="plot" role="img" aria-label="${inWords(day, sizes)}">
      ${grid(scale, top)}
      <svg viewBox="0 0 1000 1000" preserveAspectRatio="none" y="20" height="110">
        <path class="past" d="${area(sizes, { scale, top, until: day })}" />
        ${
          unread.length === 0
            ? html`<path class="future" d="${area(sizes, { scale, top, since: day })}" />`
            : undefined
        }
      </svg>
      ${todayLine(scale, day)}
    </svg>
    <details>
      <summary>The numbers</summary>
      <table>
        <thead>
          <tr>
            <th scope="col">Day</th>
            <th scope="col" class="n">Size</th>
          </tr>
        </thead>
        <tbody>
          ${sizes.map(
            (size) =>
              html`<tr>
                <td><time>${size.day}</time></td>
                <td class="n">${formatSize(size.bytes)}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </details>
  </figure>`;
}

type Sizes = PageData['sizes'];

/** The size on a day: that of the last day before it which has one. */
export function sizeOn(sizes: Sizes, day: string): number {
  return sizes.findLast((size) => size.day <= day)?.bytes ?? 0;
}

function inWords(day: string, sizes: Sizes): string {
  const [first] = sizes;
  const last = sizes.at(-1);
  const said = [first, { day, bytes: sizeOn(sizes, day) }, last];
  return said
    .flatMap((size) => (size === undefined ? [] : [`${formatSize(size.bytes)} on ${size.day}`]))
    .join(', ');
}

interface Part {
  readonly scale: Scale;
  readonly top: number;
  readonly since?: string;
  readonly until?: string;
}

/** The area below steps: a size holds until the next. */
function area(sizes: Sizes, { scale, top, since = '', until = '9999' }: Part): string {
  const x = (day: string) => Math.round(position(scale, day) * 1000);
  const y = (bytes: number) => Math.round((1 - bytes / top) * 1000);
  const within = sizes.filter(({ day }) => day > since && day <= until);
  const start = since === '' ? 0 : x(since);
  const end = until === '9999' ? 1000 : x(until);
  const steps = within.map(({ day, bytes }) => `H${x(day)}V${y(bytes)}`);
  return `M${start} 1000V${y(sizeOn(sizes, since))}${steps.join('')}H${end}V1000Z`;
}

/** Lines at a half and the whole of the height, and the names of months, or else the days at the ends. */
function grid(scale: Scale, top: number): Html {
  const line = (part: number) => {
    const y = 20 + (1 - part) * 110;
    return html`<line x2="100%" y1="${y}" y2="${y}" />
      <text x="0" y="${y - 4}">${formatSize(top * part)}</text>`;
  };
  const ticks = monthTicks(scale);
  const names =
    ticks.length > 0
      ? ticks.map(({ at, name }) => html`<text class="x" x="${percent(at)}" y="146">${name}</text>`)
      : html`<text x="0" y="146">${dayOf(scale.from)}</text
          ><text class="end" x="100%" y="146">${dayOf(scale.to)}</text>`;
  return html`${[0.5, 1].map(line)} <line x2="100%" y1="130" y2="130" /> ${names}`;
}

function todayLine(scale: Scale, day: string): Html {
  const at = position(scale, day);
  const x = percent(at);
  return html`<line class="today" x1="${x}" x2="${x}" y1="4" y2="130" />
    <text class="${at > 0.5 ? 'before' : 'after'}" x="${x}" y="11">today</text>`;
}

/** What reads well at the top of an axis, and at its half. */
const TOPS = [1, 1.2, 1.6, 2, 3, 4, 5, 6, 8, 10];

function roundedUp(bytes: number): number {
  const unit = 10 ** Math.floor(Math.log10(Math.max(bytes, 1)));
  return (TOPS.find((top) => top * unit >= bytes) ?? 10) * unit;
}
