/** The most rows that are shown without a fold. */
const UNFOLDED_ROWS = 12;

/** The most rows that a reader can be expected to read. */
const MOST_ROWS = 300;

/** Characters of one message or value, so that none takes the place of all others. */
const LONGEST_TEXT = 2000;

/** Characters that change the direction of the text behind them. */
export const TURNING = /[\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/g;

/** Escapes foreign text: one line, without markup, mentions, references and links. */
export function prose(text: string): string {
  return inert(text).replaceAll(/[\\`*_{}[\]()#+!|~$^-]/g, (character) => `\\${character}`);
}

/** Escapes foreign text for a place where HTML counts and Markdown does not, such as the summary of a fold. */
export function html(text: string): string {
  return inert(text).replaceAll(/(?<![\w.])[#!~$%^]/g, '$&\u200B');
}

/** In one line, without HTML, mentions and links. */
function inert(text: string): string {
  return oneLine(text)
    .replaceAll(/&(?=\d)|(?<=\bwww)(?=\.)/gi, '$&\u200B')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('@', '@\u200B')
    .replaceAll('://', ':\u200B//');
}

/**
 * A name, a tag or a digest, as code. What code can't have is replaced by what looks like it: a backtick, and a pipe
 * behind a backslash, which some hosts take for the end of a table's cell however it is escaped.
 */
export function code(text: string): string {
  const plain = oneLine(text)
    .replaceAll('`', '\u2019')
    .replaceAll('\\|', '\\\u2223')
    .replaceAll('|', '\\|');
  return plain === '' ? '' : `\`${plain}\``;
}

/** The first digits of digests tell them apart. */
export function shortened(text: string): string {
  return text.replaceAll(
    /(sha256:[0-9a-f]{12})[0-9a-f]{52}|(sha512:[0-9a-f]{12})[0-9a-f]{116}/g,
    '$1$2',
  );
}

/** A table with cells in Markdown. Long tables are folded, and cut after 300 rows. */
export function table(
  title: string,
  head: readonly string[],
  rows: readonly (readonly string[])[],
): readonly string[] {
  const lines = tableLines(head, rows);
  return fold(title, lines.slice(0, 2), lines.slice(2), MORE_ROWS);
}

/** A table without a title, cut after 300 rows. */
export function plainTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
): readonly string[] {
  const lines = tableLines(head, rows);
  return [...lines.slice(0, 2), ...cut(lines.slice(2), MORE_ROWS)];
}

const MORE_ROWS = ['', 'and # more'];

function tableLines(
  head: readonly string[],
  rows: readonly (readonly string[])[],
): readonly string[] {
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`);
}

/** A list with items in Markdown, folded and cut like a table. */
export function list(title: string, items: readonly string[]): readonly string[] {
  return fold(
    title,
    [],
    items.map((item) => `- ${item}`),
    ['- and # more'],
  );
}

function fold(
  title: string,
  head: readonly string[],
  all: readonly string[],
  more: readonly string[],
): readonly string[] {
  if (all.length === 0) return [];
  const lines = ['', ...head, ...cut(all, more)];
  if (all.length <= UNFOLDED_ROWS) return ['', `**${title}**`, ...lines];
  return ['', `<details><summary><b>${title}</b></summary>`, ...lines, '', '</details>'];
}

/** `more` says how many lines are cut off, in place of its `#`. */
function cut(all: readonly string[], more: readonly string[]): readonly string[] {
  const others = all.length - MOST_ROWS;
  const end = others > 0 ? more.map((line) => line.replace('#', String(others))) : [];
  return [...all.slice(0, MOST_ROWS), ...end];
}

function oneLine(text: string): string {
  const line = text
    .toWellFormed()
    .replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .replaceAll(TURNING, '\uFFFD')
    .trim();
  if (line.length <= LONGEST_TEXT) return line;
  // Hosts reject half a character.
  return `${line.slice(0, LONGEST_TEXT).replace(/[\uD800-\uDBFF]$/, '')}…`;
}
