/** An escape, a list of characters, the start of a group, a number of times, or any one character. */
const TOKEN = /\\.|\[(?:\\.|[^\]\\])*\]|\((?:\?(?:<?[=!]|:|<\w+>))?|\{[^}]*\}|./gsu;

/** The parts of a regular expression that compiles. */
export function tokensOf(pattern: string): readonly string[] {
  return pattern.match(TOKEN) ?? [];
}

/** What may be around a key and its colon: as a token, and for any number of them. */
const BLANK = /^(?:\\s|["' ]|\[(?:["' ]|\\["'st])+\])$/;
const BLANKS = `["'\\s]*`;

const FEWEST_LETTERS = 3;

/**
 * The longest text that a pattern requires before its group `image`, such as `cloud_image:`, as an expression
 * that also matches it in capitals, or with quotes and blanks around the colon. A place that it matches and
 * the pattern does not names an image that the pattern cannot read. `undefined` for a pattern that requires
 * no text of three letters there.
 */
export function patternKey(pattern: string): RegExp | undefined {
  const tokens = tokensOf(pattern);
  const position = tokens.indexOf('(?<image>');
  const texts = requiredTexts(tokens.slice(0, position));
  const last = texts.at(-1);
  const name = tokens.slice(position + 1, tokens.indexOf(')', position));
  // A name that always begins alike, as in registry.example/images/vm-, belongs to the key.
  if (last?.length !== 0 && last?.at(-1) !== BLANKS && !name.includes('|')) {
    last?.push(...(requiredTexts(name)[0] ?? []));
  }
  // Others may be the start of a word that is no key.
  const keys = texts.filter((text) => text === last || !/^\w?$/.test(lastPart(text)));
  const [longest = []] = keys.toSorted((a, b) => lettersIn(b) - lettersIn(a));
  if (lettersIn(longest) < FEWEST_LETTERS) return undefined;
  const key = longest.slice(
    Number(longest[0] === BLANKS),
    longest.lastIndexOf(lastPart(longest)) + 1,
  );
  // No key in the middle of another, such as cloud_image in my_cloud_image.
  const start = /^\w/.test(key[0] ?? '') ? '(?<![\\w-])' : '';
  return new RegExp(`${start}${key.join('')}`, 'giu');
}

/**
 * The texts that tokens require, in order, as parts of an expression; what is between them may be anything.
 * Closed groups and alternatives require nothing.
 */
function requiredTexts(tokens: readonly string[]): string[][] {
  const texts: string[][] = [[]];
  const groups: number[] = [];
  for (const [at, token] of tokens.entries()) {
    const text = texts.at(-1) ?? [];
    const isBlank = BLANK.test(token);
    const [, literal] = /^\\?([^\\\w]|(?<!\\)\w)$/u.exec(token) ?? [];
    if (/^(?:[?*+^{]|\\b)/.test(token)) continue;
    if (isBlank || /^[:=]$/.test(token)) {
      if (text.at(-1) !== BLANKS) text.push(BLANKS);
      if (!isBlank) text.push(token);
    } else if (
      literal !== undefined &&
      !/^[?*{]/.test(tokens[at + 1] ?? '') &&
      !/^[.$()|]$/.test(token)
    ) {
      text.push(literal.replace(/[.*+?^${}()|[\]\\/]/, '\\$&'));
    } else {
      if (token.startsWith('(')) groups.push(texts.length);
      if (token === ')') texts.length = groups.pop() ?? 0;
      if (token === '|') texts.length = groups.at(-1) ?? 0;
      texts.push([]);
    }
  }
  return texts;
}

/** The last part that is no blank. */
function lastPart(text: readonly string[]): string {
  return text.findLast((part) => part !== BLANKS) ?? '';
}

function lettersIn(text: readonly string[]): number {
  return text.filter((part) => /^\w$/.test(part)).length;
}
