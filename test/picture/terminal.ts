/** What a terminal showed, and when. */
export interface Frame {
  /** Seconds from the start. */
  readonly at: number;
  readonly lines: readonly string[];
}

/** What the report of `npm start` does beside printing: it goes to the line above, and clears that. */
const UP_AND_CLEAR = '\u001b[1A\u001b[2K';

/** A terminal that understands no more than the output of `npm start` needs. */
export function createTerminal() {
  let lines = [''];
  return {
    write(text: string): void {
      for (const [index, part] of text.split(UP_AND_CLEAR).entries()) {
        if (index > 0) lines = [...lines.slice(0, -2), ''];
        const [rest = '', ...more] = part.replaceAll('\r', '').split('\n');
        lines = [...lines.slice(0, -1), `${lines.at(-1) ?? ''}${rest}`, ...more];
      }
    },
    lines: (): readonly string[] => lines,
  };
}

const FONT = 14;
const LINE = 19;
/** Of DejaVu Sans Mono and the like, in units of the font's size. */
const CHARACTER = 0.603;
const MARGIN = 16;

/** Colours of a line by how it begins. */
const COLOURS: readonly [RegExp, string][] = [
  [/^\$ /, '#e6edf3'],
  [/^✓/, '#7ee787'],
  [/^✗/, '#ff7b72'],
  [/^[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏…▸]/, '#79c0ff'],
  [/^#+ |^\*\*/, '#ffa657'],
];

/**
 * An SVG of `columns` × `rows` characters that shows the frames one after the other, again and again, the
 * whole in `seconds`; one frame alone stands still. Of a frame with more lines it shows the last.
 */
export function terminalSvg(
  frames: readonly Frame[],
  { columns, rows, seconds }: { columns: number; rows: number; seconds: number },
): string {
  const width = Math.ceil(columns * FONT * CHARACTER) + 2 * MARGIN;
  const height = rows * LINE + 2 * MARGIN;
  const end = (frames.at(-1)?.at ?? 0) + 1;
  const steps = frames.map(({ at }, index) => {
    const percent = ((at - (frames[0]?.at ?? 0)) / end) * 90;
    return `${percent.toFixed(2)}%{transform:translateY(${-index * height}px)}`;
  });
  const groups = frames.map(({ lines }, index) => {
    const texts = lines.slice(-rows).map((line, row) => {
      const y = index * height + MARGIN + FONT + row * LINE;
      return `<text x="${MARGIN}" y="${y}" fill="${colourOf(line)}">${escape(line.slice(0, columns))}</text>`;
    });
    return texts.join('\n');
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">
<style>
text{font:${FONT}px 'DejaVu Sans Mono',Menlo,Consolas,monospace}
${frames.length > 1 ? `@keyframes play{${steps.join('')}}\n#frames{animation:play ${seconds}s step-end infinite}` : ''}
</style>
<rect width="100%" height="100%" rx="8" fill="#0d1117"/>
<g id="frames">
${groups.join('\n')}
</g>
</svg>
`;
}

function colourOf(line: string): string {
  return COLOURS.find(([pattern]) => pattern.test(line))?.[1] ?? '#c9d1d9';
}

/** With spaces that no renderer collapses. */
function escape(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll(' ', '\u00a0');
}
