import { TURNING } from '../review/markdown.ts';

/** A piece of a page: only `html` makes one, so that no foreign text gets in without being escaped. */
export class Html {
  readonly #text: string;

  private constructor(text: string) {
    this.#text = text;
  }

  toString(): string {
    return this.#text;
  }

  static of(strings: TemplateStringsArray, values: readonly Content[]): Html {
    const text = compact(strings).reduce(
      (all, part, at) => `${all}${written(values[at - 1])}${part}`,
    );
    return new Html(text);
  }
}

/** What stands in a template. A list is written without anything between its items. */
export type Content = Html | string | number | undefined | readonly Content[];

/** Markup with values, which are escaped for text and for attributes in quotes. */
export function html(strings: TemplateStringsArray, ...values: readonly Content[]): Html {
  return Html.of(strings, values);
}

/** Items with something between them, such as a comma. */
export function joined(items: readonly Content[], between: Content): Content {
  return items.flatMap((item, at) => (at === 0 ? [item] : [between, item]));
}

/** A link, or the content alone where the text is no address that a browser may open. */
export function webLink(url: string | undefined, content: Content): Content {
  const address = url === undefined ? null : URL.parse(url);
  const isOfWeb = address?.protocol === 'https:' || address?.protocol === 'http:';
  return isOfWeb ? html`<a href="${address.href}">${content}</a>` : content;
}

function written(content: Content): string {
  if (content === undefined) return '';
  if (typeof content === 'string') return escaped(content);
  if (typeof content === 'number' || content instanceof Html) return String(content);
  return content.map(written).join('');
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Also without what no reader can see, and what turns the order of the text that follows. */
function escaped(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(TURNING, '\uFFFD')
    .replaceAll(/[^\P{Cc}\n]/gu, ' ')
    .replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}

const COMPACT = new WeakMap<TemplateStringsArray, readonly string[]>();

const BLOCKS =
  'tr|t[dh]|thead|tbody|table|[duo]l|li|d[dt]|div|section|h[1-4]|p|details|summary|svg|rect|use';

/** White space beside an element that stands by itself. */
const BESIDE_BLOCK = new RegExp(
  `\\n(?=</?(?:${BLOCKS})\\b)|(?<=</?(?:${BLOCKS})\\b[^<>]*>)\\n`,
  'g',
);

/** End tags that HTML can do without. */
const OPTIONAL_END = /<\/(?:tr|t[dh]|li|d[dt]|option)>/g;

/** What a browser makes the same page of: of thousands of versions, each byte counts. */
function compact(strings: TemplateStringsArray): readonly string[] {
  const known = COMPACT.get(strings);
  if (known !== undefined) return known;
  const parts = strings.map((part) =>
    part
      .replaceAll(/\s*\n\s*/g, '\n')
      .replaceAll(BESIDE_BLOCK, '')
      .replaceAll(OPTIONAL_END, ''),
  );
  COMPACT.set(strings, parts);
  return parts;
}
