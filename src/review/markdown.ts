/** The most rows that are shown without a fold. */
const UNFOLDED_ROWS = 12;

/** The most rows that a reader can be expected to read. */
const MOST_ROWS = 300;

/** Characters of one message or value, so that none takes the place of all others. */
const LONGEST_TEXT = 2000;

/** Escapes foreign text: one line, without markup, mentions, references and links. */
export function prose(text: string): string {
  return oneLine(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll(/[\\`*_{}[\]()#+!|~$^-]/g, (character) => `\\${character}`)
    .replaceAll('@', '@\u200B')
    .replaceAll('://', ':\u200B//');
}

/** A name, a tag or a digest, as code. */
export function code(text: string): string {
  const plain = oneLine(text).replaceAll('`', '\u2019').replaceAll('|', '\\|');
  return plain === '' ? '' : `\`${plain}\``;
}

/** A table with cells in Markdown. Long tables are folded, and cut after 300 rows. */
export function table(
  title: string,
  head: readonly string[],
  rows: readonly (readonly string[])[],
): readonly string[] {
  const lines = [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`);
  return fold(title, lines.slice(0, 2), lines.slice(2), ['', 'and # more']);
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

/** `more` says how many lines are cut off, in place of its `#`. */
function fold(
  title: string,
  head: readonly string[],
  all: readonly string[],
  more: readonly string[],
): readonly string[] {
  if (all.length === 0) return [];
  const cut = all.length - MOST_ROWS;
  const end = cut > 0 ? more.map((line) => line.replace('#', String(cut))) : [];
  const lines = ['', ...head, ...all.slice(0, MOST_ROWS), ...end];
  if (all.length <= UNFOLDED_ROWS) return ['', `**${title}**`, ...lines];
  return ['', `<details><summary><b>${title}</b></summary>`, ...lines, '', '</details>'];
}

function oneLine(text: string): string {
  const line = text
    .toWellFormed()
    .replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim();
  if (line.length <= LONGEST_TEXT) return line;
  // Half of a character is none that a host takes.
  return `${line.slice(0, LONGEST_TEXT).replace(/[\uD800-\uDBFF]$/, '')}…`;
}
