import type { InputDetail } from './input-changes.ts';
import { code, shortened } from './markdown.ts';
import type { InputChange } from './summarize.ts';
import type { BuildInput } from '../tag/build-inputs.ts';

/** Details of one input that are shown. The others are counted. */
const MOST_DETAILS = 5;

/** Characters of a path or a value, of which both ends are shown. */
const LONGEST_VALUE = 120;

/** Titles of inputs that have details, where they are not the names of the inputs. */
const TITLES: Readonly<Partial<Record<BuildInput, string>>> = {
  checksum: 'disk',
  platform: 'platforms',
};

/** Why an image is built, as Markdown in one line: the inputs that differ, and what differs in each. */
export function formatReasons(why: readonly InputChange[]): string {
  return why.map(formatReason).join(', ');
}

function formatReason({ input, details = [], value }: InputChange): string {
  if (details.length === 0) {
    return value === undefined ? input : `${input}: ${code(shortened(value))}`;
  }
  const shown = details.slice(0, MOST_DETAILS).map(formatDetail);
  const others = details.length - shown.length;
  const more = others === 0 ? [] : [`and ${others} more`];
  return `${TITLES[input] ?? input}: ${[...shown, ...more].join(', ')}`;
}

function formatDetail({ name, note, from, to }: InputDetail): string {
  const subject = [name === undefined ? [] : codeOf(name), note ?? []].flat().join(' ');
  const [old, now] = [from, to].map((text) => (text === undefined ? '' : codeOf(text)));
  // Their ends are the same.
  if (old === now) return subject;
  return subject === '' ? `${old} → ${now}` : `${subject} (${old} → ${now})`;
}

function codeOf(text: string): string {
  const short = shortened(text);
  if (short.length <= LONGEST_VALUE) return code(short) || 'blank';
  const half = LONGEST_VALUE / 2;
  return code(`${short.slice(0, half)}…${short.slice(-half)}`);
}
