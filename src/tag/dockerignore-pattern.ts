import type { PatternStep } from './pattern-steps.ts';

/** A pattern that Docker refuses, or that its versions read differently. The message is the problem. */
export class PatternError extends Error {
  override readonly name = 'PatternError';
  readonly remedy: string;

  constructor(problem: string, remedy: string) {
    super(problem);
    this.remedy = remedy;
  }
}

/**
 * Compiles a cleaned pattern to what moby's patternmatcher understands by it: `*` and `?` stay within
 * a path component, `**` crosses them, `[...]` is a set of characters, `\` takes the next one literally.
 *
 * Docker turns patterns into regular expressions and escapes only some characters; which ones has
 * changed between versions. Whatever would therefore mean different things on two engines
 * (`a+b`, `{a,b}`, `\d`, `**.log`) throws a PatternError: a tag must not depend on the engine.
 */
export function compilePattern(text: string): readonly PatternStep[] {
  const characters = Array.from(text);
  const steps: PatternStep[] = [];
  let last: Token | undefined;
  for (let at = 0; at < characters.length; at = last.end) {
    const token = nextToken(characters, at);
    // "**/**/" says no more than "**/", and a long row of them would have to be followed in full.
    if (token.steps !== LEVELS || last?.steps !== LEVELS) steps.push(...token.steps);
    last = token;
  }
  return steps;
}

interface Token {
  readonly steps: readonly PatternStep[];
  readonly end: number;
}

const ANY = (): boolean => true;
const IN_COMPONENT = (character: string): boolean => character !== '/';

const ALL: readonly PatternStep[] = [{ kind: 'many', accepts: ANY }];
const LEVELS: readonly PatternStep[] = [{ kind: 'optional', count: 2 }, ...ALL, ...literal('/')];

function nextToken(characters: readonly string[], at: number): Token {
  const character = characters[at] ?? '';
  if (character === '*') return starToken(characters, at);
  if (character === '?') return { steps: [{ kind: 'one', accepts: IN_COMPONENT }], end: at + 1 };
  if (character === '[') return setToken(characters, at);
  if (character === '\\') return { steps: literal(escaped(characters, at)), end: at + 2 };
  if ('+(){}|^'.includes(character)) {
    throw new PatternError(
      `Docker versions disagree on "${character}" in a pattern`,
      'write ? in its place',
    );
  }
  return { steps: literal(character), end: at + 1 };
}

function literal(character: string): readonly PatternStep[] {
  return [{ kind: 'one', accepts: (other) => other === character }];
}

function starToken(characters: readonly string[], at: number): Token {
  if (characters[at + 1] !== '*') {
    return { steps: [{ kind: 'many', accepts: IN_COMPONENT }], end: at + 1 };
  }
  // Docker reads "**/" like "**", so "a**b" matches "ab" and "a/x/b", but not "axb".
  const end = characters[at + 2] === '/' ? at + 3 : at + 2;
  if (end === characters.length) return { steps: ALL, end };
  if (at === 0 && end === 2) {
    throw new PatternError(
      'Docker versions disagree on "**" without a slash after it',
      'write **/* in its place',
    );
  }
  return { steps: LEVELS, end };
}

function setToken(characters: readonly string[], at: number): Token {
  let position = at + 1;
  const negated = characters[position] === '^';
  if (negated) position += 1;
  const ranges: { readonly low: number; readonly high: number }[] = [];
  while (ranges.length === 0 || characters[position] !== ']') {
    const low = setMember(characters, position);
    const high = characters[low.end] === '-' ? setMember(characters, low.end + 1) : low;
    if (high.code < low.code) {
      const range = characters.slice(position, high.end).join('');
      throw new PatternError(`the range ${range} runs backwards`, 'swap its ends');
    }
    ranges.push({ low: low.code, high: high.code });
    position = high.end;
  }
  const accepts = (character: string): boolean => {
    const code = codeOf(character);
    return ranges.some(({ low, high }) => low <= code && code <= high) !== negated;
  };
  return { steps: [{ kind: 'one', accepts }], end: position + 1 };
}

function setMember(characters: readonly string[], at: number): { code: number; end: number } {
  const character = characters[at];
  if (character === undefined) {
    throw new PatternError('a set of characters has no end', 'add the missing ]');
  }
  if (character === '\\') return { code: codeOf(escaped(characters, at)), end: at + 2 };
  if ('-]*?['.includes(character)) {
    throw new PatternError(
      `"${character}" stands where a set of characters can't have it`,
      `write \\${character}`,
    );
  }
  return { code: codeOf(character), end: at + 1 };
}

function codeOf(character: string): number {
  return character.codePointAt(0) ?? 0;
}

function escaped(characters: readonly string[], at: number): string {
  const next = characters[at + 1];
  if (next === undefined) {
    throw new PatternError('a pattern ends with a backslash', 'remove it, or write \\\\');
  }
  if (!/^[\x20-\x7e]$/.test(next) || /[A-Za-z0-9]/.test(next)) {
    throw new PatternError(
      `Docker reads "\\${next}" as part of a regular expression`,
      'remove the backslash',
    );
  }
  return next;
}
