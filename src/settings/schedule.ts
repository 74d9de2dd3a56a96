import { isLoopback } from '../url.ts';

const MONTHS = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ');
const DAYS = 'sun mon tue wed thu fri sat'.split(' ');

interface Field {
  readonly least: number;
  readonly most: number;
  /** Names for numbers, the first for `least`. */
  readonly names?: readonly string[];
}

/** Minute, hour, day of the month, month, day of the week (0 and 7 are Sunday). */
const FIELDS: readonly Field[] = [
  { least: 0, most: 59 },
  { least: 0, most: 23 },
  { least: 1, most: 31 },
  { least: 1, most: 12, names: MONTHS },
  { least: 0, most: 7, names: DAYS },
];

/**
 * Whether a text is a schedule of five fields in unix-cron format, as Cloud Scheduler takes it ("Cron
 * job format and time zone"). Libraries for cron take more: seconds, `L`, `@daily`.
 */
export function isCron(text: string): boolean {
  const parts = text.trim().split(/\s+/);
  if (parts.length !== FIELDS.length) return false;
  return FIELDS.every((field, at) => isList(parts[at] ?? '', field));
}

/** `*`, `5`, `1-5`, `mon-fri`, each with an optional step: `0-59/15`; several of these with commas between. */
function isList(text: string, field: Field): boolean {
  return text.split(',').every((item) => {
    const { range = '', first = '', last, step } = ITEM.exec(item)?.groups ?? {};
    if (step !== undefined && Number(step) === 0) return false;
    if (range === '*') return true;
    const [from, to] = [valueOf(first, field), valueOf(last ?? first, field)];
    // A step needs something to step through.
    if (last === undefined && step !== undefined) return false;
    return from !== undefined && to !== undefined && from <= to;
  });
}

const ITEM = /^(?<range>\*|(?<first>\w+)(?:-(?<last>\w+))?)(?:\/(?<step>\d+))?$/;

function valueOf(text: string, { least, most, names = [] }: Field): number | undefined {
  const named = names.indexOf(text.toLowerCase());
  if (named >= 0) return least + named;
  const value = /^\d+$/.test(text) ? Number(text) : NaN;
  return value >= least && value <= most ? value : undefined;
}

/** A project by its number, or by its path with each `/` written as `%2F`. */
const PATH =
  /^(?:\/[\w.-]+)*\/api\/v4\/projects\/(?:\d+|[\w.-]+(?:%2F[\w.-]+)+)\/trigger\/pipeline$/i;

/**
 * Whether a text is where GitLab starts pipelines of a project: `POST
 * /projects/:id/trigger/pipeline` ("Pipeline trigger tokens API"), below the path that the instance may
 * have. By plain http only on this machine, since the call carries a token; and with nothing in it that a
 * token could be mixed up with: no credentials, no query.
 */
export function isGitlabPipeline(text: string): boolean {
  const url = URL.parse(text);
  // One way to write it only: no tabs, no upper-case host, no `..`, no empty query.
  if (url?.href !== text || url.username !== '' || url.password !== '') return false;
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback(url.hostname))) {
    return false;
  }
  return url.origin + url.pathname === text && PATH.test(url.pathname);
}

/** Whether a text is a time zone of the tz database, such as `Etc/UTC` or `Europe/Berlin`. */
export function isTimeZone(text: string): boolean {
  // Intl takes offsets such as `+02:00` as well, Cloud Scheduler does not.
  if (!/^[A-Za-z]/.test(text)) return false;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
