/** Numbers from 0 up to 1, the same ones for the same seed (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** What breaks parsers: of YAML, JSON, patterns, lines, numbers and texts. */
const HOSTILE = [
  ...['\0', '\u2028', '\ud800', '\u{10ffff}', '\ufeff', '\r', '\t', '\u202e', 'é'.repeat(50)],
  ...[
    '&a [*a]',
    '<<: *a',
    '*a',
    '&a',
    '!!js/function',
    '---\n',
    '...\n',
    '? [',
    '- - - -',
    '%YAML 9',
  ],
  ...['{'.repeat(300), '['.repeat(300), '}}', ']]', '"', "'", '`', '\\', '\\u', '${x}', '{{x}}'],
  ...['__proto__', 'constructor', 'toString', 'null', 'true', 'NaN', '-0', '1e999', '0x10', '.5'],
  ...['9'.repeat(400), '-1', '1_000', '2026-99-99', '../../etc/passwd', '/', 'file:///', 'ext::sh'],
  ...[
    '(a+)+$',
    '(?=x)',
    '[^',
    '\\1',
    '*'.repeat(60),
    '-'.repeat(60),
    '\n'.repeat(200),
    'x'.repeat(5000),
  ],
  ...[
    'sha256:',
    `sha256:${'f'.repeat(64)}`,
    '@',
    ':',
    '=',
    '#',
    '|',
    '>',
    ',',
    ';',
    '--upload-pack=x',
  ],
];

/** A text that is broken in one to four places, each in one of the ways in which texts break. */
export function mutated(text: string, random: () => number): string {
  let result = text;
  const times = 1 + Math.floor(random() * 4);
  for (let time = 0; time < times; time += 1) result = brokenOnce(result, random);
  return result;
}

function brokenOnce(text: string, random: () => number): string {
  const at = Math.floor(random() * (text.length + 1));
  const length = Math.floor(random() ** 3 * 200);
  const other = Math.floor(random() * (text.length + 1));
  const hostile = HOSTILE[Math.floor(random() * HOSTILE.length)] ?? '';
  const [head, piece, tail] = [
    text.slice(0, at),
    text.slice(at, at + length),
    text.slice(at + length),
  ];
  switch (Math.floor(random() * 8)) {
    case 0: // Cut off.
      return head;
    case 1: // Something is missing.
      return head + tail;
    case 2: // Something is there twice.
      return head + piece + piece + tail;
    case 3: // Something is elsewhere.
      return head + tail.slice(0, other) + piece + tail.slice(other);
    case 4: // One character is another.
      return head + String.fromCharCode(Math.floor(random() * 0x250)) + text.slice(at + 1);
    case 5: // The end of a value is hostile.
      return head + hostile + tail;
    case 6: // A line is gone, or lines run together.
      return text.replace(/\n/g, (end) => (random() < 0.02 ? ' ' : end));
    default:
      return head + hostile + text.slice(at);
  }
}

/** What the values of a JSON text are not expected to be. */
const ODD_VALUES: readonly unknown[] = [
  ...[null, true, false, 0, -1, 1e308, 0.5, 2 ** 53, '', [], {}, [[]], [null], { a: null }],
  ...['%', '%zz', '%2e%2e%2f', '../..', '/etc/passwd', '\0', '\ud800', '\n', '-x', '__proto__'],
  ...['9999-99-99T99:99:99Z', '2026-02-30T00:00:00Z', 'x'.repeat(5000), '99999999999999999999s'],
  ...[nested(500), JSON.parse('{"__proto__":{"x":1},"constructor":1,"toString":null}') as unknown],
];

/** A text that still is JSON, of which one to three values are of another type, gone, or there twice. */
export function mutatedJson(text: string, random: () => number): string {
  let value: unknown = JSON.parse(text);
  const times = 1 + Math.floor(random() * 3);
  for (let time = 0; time < times; time += 1) value = oddOnce(value, random);
  return JSON.stringify(value);
}

function oddOnce(value: unknown, random: () => number): unknown {
  const isInner = typeof value === 'object' && value !== null && Object.keys(value).length > 0;
  if (!isInner || random() < 0.1) return ODD_VALUES[Math.floor(random() * ODD_VALUES.length)];
  const entries: [string, unknown][] = Object.entries(value);
  const at = Math.floor(random() * entries.length);
  const [key, inner] = entries[at] ?? ['', undefined];
  const chosen = random();
  const changed: readonly [string, unknown][] =
    chosen < 0.1
      ? []
      : chosen < 0.2
        ? [
            [key, inner],
            [`${key}2`, inner],
          ]
        : [[key, oddOnce(inner, random)]];
  const all = entries.toSpliced(at, 1, ...changed);
  return Array.isArray(value) ? all.map(([, item]) => item) : Object.fromEntries(all);
}

function nested(depth: number): unknown {
  return depth === 0 ? 0 : [nested(depth - 1)];
}
