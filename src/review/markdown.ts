/** The most rows that are shown without a fold. */
const UNFOLDED_ROWS = 12;

/** The most rows that a reader can be expected to read. */
const MOST_ROWS = 300;

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
  if (rows.length === 0) return [];
  const shown = rows.slice(0, MOST_ROWS);
  const lines = [head, head.map(() => '---'), ...shown].map((row) => `| ${row.join(' | ')} |`);
  const more = rows.length - shown.length;
  return fold(title, rows.length, [...lines, ...(more > 0 ? ['', `and ${more} more`] : [])]);
}

/** A list with items in Markdown, folded and cut like a table. */
export function list(title: string, items: readonly string[]): readonly string[] {
  if (items.length === 0) return [];
  const more = items.length - MOST_ROWS;
  const lines = items.slice(0, MOST_ROWS).map((item) => `- ${item}`);
  return fold(title, items.length, [...lines, ...(more > 0 ? [`- and ${more} more`] : [])]);
}

function fold(title: string, count: number, lines: readonly string[]): readonly string[] {
  if (count <= UNFOLDED_ROWS) return ['', `**${title}**`, '', ...lines];
  const head = `<details><summary><b>${title}</b></summary>`;
  return ['', head, '', ...lines, '', '</details>'];
}

function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim();
}
