/** A pattern that Docker refuses, or that its versions read differently. The message is the problem. */
export class PatternError extends Error {
  override readonly name = 'PatternError';
  readonly remedy: string;

  constructor(problem: string, remedy: string) {
    super(problem);
    this.remedy = remedy;
  }
}

const ONE_CHARACTER = '[^/]';

/**
 * Compiles a cleaned pattern the way moby's patternmatcher does: `*` and `?` stay within a path
 * component, `**` crosses them, `[...]` is a set of characters, `\` takes the next one literally.
 *
 * Docker turns patterns into regular expressions and escapes only some characters; which ones has
 * changed between versions. Whatever would therefore mean different things on two engines
 * (`a+b`, `{a,b}`, `\d`, `**.log`) throws a PatternError: a tag must not depend on the engine.
 */
export function compilePattern(text: string): (path: string) => boolean {
  const characters = Array.from(text);
  let source = '';
  let at = 0;
  while (at < characters.length) {
    const token = nextToken(characters, at);
    source += token.source;
    at = token.end;
  }
  const expression = compileExpression(source, text);
  return (path) => expression.test(path);
}

interface Token {
  /** The part of a regular expression that stands for the token. */
  readonly source: string;
  readonly end: number;
}

function nextToken(characters: readonly string[], at: number): Token {
  const character = characters[at] ?? '';
  if (character === '*') return starToken(characters, at);
  if (character === '?') return { source: ONE_CHARACTER, end: at + 1 };
  if (character === '[') return setToken(characters, at);
  if (character === '\\') return { source: literal(escaped(characters, at)), end: at + 2 };
  if ('+(){}|^'.includes(character)) {
    throw new PatternError(
      `Docker versions disagree on "${character}" in a pattern`,
      'write ? in its place',
    );
  }
  return { source: literal(character), end: at + 1 };
}

function starToken(characters: readonly string[], at: number): Token {
  if (characters[at + 1] !== '*') return { source: `${ONE_CHARACTER}*`, end: at + 1 };
  // Docker reads "**/" like "**", so "a**b" matches "ab" and "a/x/b", but not "axb".
  const end = characters[at + 2] === '/' ? at + 3 : at + 2;
  if (end === characters.length) return { source: '.*', end };
  if (at === 0 && end === 2) {
    throw new PatternError(
      'Docker versions disagree on "**" without a slash after it',
      'write **/* in its place',
    );
  }
  return { source: '(?:.*/)?', end };
}

function setToken(characters: readonly string[], at: number): Token {
  let position = at + 1;
  const negated = characters[position] === '^';
  if (negated) position += 1;
  let members = '';
  while (members === '' || characters[position] !== ']') {
    const low = setMember(characters, position);
    position = low.end;
    members += literal(low.character);
    if (characters[position] === '-') {
      const high = setMember(characters, position + 1);
      position = high.end;
      members += `-${literal(high.character)}`;
    }
  }
  return { source: `[${negated ? '^' : ''}${members}]`, end: position + 1 };
}

function setMember(characters: readonly string[], at: number): { character: string; end: number } {
  const character = characters[at];
  if (character === undefined) {
    throw new PatternError('a set of characters has no end', 'add the missing ]');
  }
  if (character === '\\') return { character: escaped(characters, at), end: at + 2 };
  if ('-]*?['.includes(character)) {
    throw new PatternError(
      `"${character}" stands where a set of characters can't have it`,
      `write \\${character}`,
    );
  }
  return { character, end: at + 1 };
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

/** Written so that it means itself in and outside of a set. */
function literal(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}

function compileExpression(source: string, text: string): RegExp {
  try {
    return new RegExp(`^${source}$`, 'su');
  } catch (cause) {
    // What is left to go wrong here is a range that runs backwards, such as [z-a].
    const error = new PatternError(`"${text}" holds a range that runs backwards`, 'swap its ends');
    error.cause = cause;
    throw error;
  }
}
