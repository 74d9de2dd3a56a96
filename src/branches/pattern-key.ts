/** An escape, a list of characters, the start of a group, a number of times, or any one character. */
const TOKEN = /\\.|\[(?:\\.|[^\]\\])*\]|\((?:\?(?:<?[=!]|:|<\w+>))?|\{[^}]*\}|./gsu;

/** What may be around a key and its colon: as a token, and for any number of them. */
const BLANK = /^(?:\\s|["'\s]|\[(?:["' ]|\\["'st])+\])$/;
const BLANKS = `["'\\s]*`;

const FEWEST_LETTERS = 3;

/**
 * The longest text that a pattern requires before its group `image`, such as `cloud_image:`, as an expression
 * that also matches it in capitals, or with quotes and blanks around the colon. A place that it matches and
 * the pattern does not names an image that the pattern cannot read. `undefined` for a pattern that requires
 * no text of three letters there.
 */
export function patternKey(pattern: string): RegExp | undefined {
  const tokens: readonly string[] = pattern.match(TOKEN) ?? [];
  const position = tokens.indexOf('(?<image>');
  const texts = requiredTexts(tokens.slice(0, position));
  const last = texts.at(-1);
  const name = tokens.slice(position + 1, tokens.indexOf(')', position));
  // A name that always begins alike, as in registry.example/images/vm-, belongs to the key.
  if (last?.parts.length !== 0 && last?.parts.at(-1) !== BLANKS && !name.includes('|')) {
    last?.parts.push(...(requiredTexts(name)[0]?.parts ?? []));
  }
  // Others may be the start of a word that is no key.
  const keys = texts.filter((text) => text === last || !/^\w?$/.test(lastPart(text.parts)));
  const [longest] = keys.toSorted((a, b) => lettersIn(b.parts) - lettersIn(a.parts));
  if (longest === undefined || lettersIn(longest.parts) < FEWEST_LETTERS) return undefined;
  const { parts } = longest;
  const isAfterBlanks = parts[0] === BLANKS;
  let { start } = longest;
  while (QUANTIFIER.test(tokens[start] ?? '')) start++;
  const key = parts.slice(Number(isAfterBlanks), parts.lastIndexOf(lastPart(parts)) + 1);
  // No key in the middle of another, such as cloud_image in my_cloud_image. But image may be the rest of
  // one that the pattern does not write out, as in (?:cloud|vm)_image.
  const isWhole =
    /^\w/.test(key[0] ?? '') && (isAfterBlanks || !mayEndInWord(tokens.slice(0, start)));
  return new RegExp(`${isWhole ? '(?<![\\w-])' : ''}${key.join('')}`, 'giu');
}

const QUANTIFIER = /^(?:[?*+]|\{.*\})$/;
const WORD = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-'.split('');

/** Whether what tokens match may end with a character of a word. A single dot stands for itself. */
function mayEndInWord(tokens: readonly string[]): boolean {
  const end = tokens.findLastIndex((token) => !QUANTIFIER.test(token));
  const last = tokens[end];
  if (last === undefined || /^(?:\^|\\b)$/.test(last)) return false;
  if (last === '.') return end < tokens.length - 1;
  if (last === '|' || last.startsWith('(')) {
    return mayEndInWord(tokens.slice(0, openingOf(tokens.slice(0, end + 1))));
  }
  const start = last === ')' ? openingOf(tokens.slice(0, end)) : end;
  const isOptional = tokens.slice(end + 1).some((token) => /^(?:[?*]|\{0)/.test(token));
  if (isOptional && mayEndInWord(tokens.slice(0, start))) return true;
  if (last !== ')') return /^\\p/i.test(last) || WORD.some((letter) => matches(last, letter));
  const inside = tokens.slice(start + 1, end);
  const ends = inside.flatMap((_, at) => (/^\|?$/.test(inside[at + 1] ?? '') ? at + 1 : []));
  return ends.some((at) => mayEndInWord(inside.slice(0, at)));
}

/** The position of the last group that is still open; 0 without one. */
function openingOf(tokens: readonly string[]): number {
  let closed = 0;
  const at = tokens.findLastIndex((token) => {
    if (token === ')') closed++;
    return token.startsWith('(') && closed-- === 0;
  });
  return Math.max(at, 0);
}

function matches(token: string, letter: string): boolean {
  return new RegExp(`^${token}$`, 'u').test(letter);
}

/** A text that a pattern requires, and the number of tokens before it. */
interface RequiredText {
  readonly start: number;
  readonly parts: string[];
}

/**
 * The texts that tokens require, in order, as parts of an expression; what is between them may be anything.
 * Closed groups and alternatives require nothing.
 */
function requiredTexts(tokens: readonly string[]): RequiredText[] {
  const texts: RequiredText[] = [{ start: 0, parts: [] }];
  const groups: number[] = [];
  for (const [at, token] of tokens.entries()) {
    const text = texts.at(-1)?.parts ?? [];
    const isBlank = BLANK.test(token);
    const [, literal] = /^\\?([^\\\w]|(?<!\\)\w)$/u.exec(token) ?? [];
    if (/^(?:[?*+^{]|\\b)/.test(token)) continue;
    if (isBlank || /^(?:[:=]|\[[:=]+\])$/.test(token)) {
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
      texts.push({ start: at + 1, parts: [] });
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
