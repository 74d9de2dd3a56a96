/** Longer patterns are read by nobody. In characters. */
const LONGEST = 500;

/** A pattern that can be used, with the names of its groups, or why it can't be. */
type CompiledPattern =
  | { readonly pattern: RegExp; readonly groups: readonly string[] }
  | { readonly problem: string; readonly remedy: string };

/**
 * Compiles a pattern for the references in a line. It must have a group `image`, and must not match an
 * empty line. Refused as well is what can take exponential time: a repeated group that holds a
 * repetition or alternatives itself. Lines are of limited length, so that all else stays bounded.
 */
export function compilePattern(text: string): CompiledPattern {
  if (text.length > LONGEST) {
    return { problem: `the pattern is longer than ${LONGEST} characters`, remedy: 'shorten it' };
  }
  let pattern: RegExp;
  let groups: readonly string[];
  try {
    pattern = new RegExp(text, 'gu');
    // Matches anything, and so tells the groups.
    groups = Object.keys(new RegExp(`${text}|`, 'u').exec('')?.groups ?? {});
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/^.*: /, '') : String(error);
    return {
      problem: `it is no regular expression: ${reason.toLowerCase()}`,
      remedy: 'write one of JavaScript with the flag u, in single quotes',
    };
  }
  if (!groups.includes('image')) {
    return { problem: 'no group is named image', remedy: 'write (?<image>...) around the name' };
  }
  if (repeatsChoice(text)) {
    return {
      problem: 'a repeated group holds a repetition or alternatives, which may take forever',
      remedy: 'write it as one list of characters, such as [a-z0-9._-]*',
    };
  }
  if (new RegExp(text, 'u').test('')) {
    return { problem: 'it matches an empty line', remedy: 'ask for at least one character' };
  }
  return { pattern, groups };
}

/** Reads the pattern, which compiles, sign by sign. */
function repeatsChoice(text: string): boolean {
  // An escape, a list of characters, the start of a group, or any one sign.
  const signs = text.match(/\\.|\[(?:\\.|[^\]\\])*\]|\((?:\?(?:<?[=!]|:|<\w+>))?|./gsu) ?? [];
  const open = [{ chooses: false }];
  for (const [position, sign] of signs.entries()) {
    const inner = open.at(-1);
    if (sign.startsWith('(')) open.push({ chooses: false });
    else if (sign === ')') {
      const group = open.pop();
      const outer = open.at(-1);
      if (group?.chooses !== true || outer === undefined) continue;
      if (isRepetition(signs[position + 1])) return true;
      outer.chooses = true;
    } else if (inner !== undefined && (sign === '|' || sign === '?' || isRepetition(sign))) {
      inner.chooses = true;
    }
  }
  return false;
}

function isRepetition(sign: string | undefined): boolean {
  return sign === '*' || sign === '+' || sign === '{';
}

/** Stands for any number of directories, none included. */
const ANY_DIRECTORIES = '**';

/** How globs are written, for whoever wrote one that is refused. */
export const GLOB_SHAPE =
  'a path such as tests/files/*.yml or roles/**/molecule.yml: * and ? within a name, ** for directories';

/**
 * A test for paths, from a glob: `*` is any text and `?` any letter within a name, `**` any number of
 * directories. Names that start with a dot are names like any other. `undefined` for a glob that could
 * match nothing (a leading or trailing slash, `.` and `..`), and for signs that other globs have and
 * that would be taken literally here.
 */
export function compileGlob(glob: string): ((path: string) => boolean) | undefined {
  const parts = glob.split('/');
  if (parts.some(isUnusable) || parts.at(-1) === ANY_DIRECTORIES) return undefined;
  const source = parts.map((part, position) => {
    if (part === ANY_DIRECTORIES) return '(?:[^/]+/)*';
    return compilePart(part) + (position < parts.length - 1 ? '/' : '');
  });
  const expression = new RegExp(`^${source.join('')}$`, 'u');
  return (path) => expression.test(path);
}

function isUnusable(part: string): boolean {
  if (part === ANY_DIRECTORIES) return false;
  return (
    part === '' ||
    part === '.' ||
    part === '..' ||
    part.includes(ANY_DIRECTORIES) ||
    /[[\]{}\\!\p{Cc}]/u.test(part)
  );
}

function compilePart(part: string): string {
  return part
    .replaceAll(/[.+^$()|]/g, '\\$&')
    .replaceAll('*', '[^/]*')
    .replaceAll('?', '[^/]');
}

const PLACEHOLDER = /\$\{(\w+)\}/g;

/** The groups that a template names, such as `image` for `vm-${image}`. */
export function templateGroups(template: string): readonly string[] {
  return [...template.matchAll(PLACEHOLDER)].map(([, name = '']) => name);
}

/** What is in a template besides groups, which must be fit for a name. */
export function templateText(template: string): string {
  return template.replaceAll(PLACEHOLDER, '');
}

/** A group that took no part in the match is empty text. */
export function fillTemplate(
  template: string,
  groups: Readonly<Record<string, string | undefined>>,
): string {
  return template.replaceAll(PLACEHOLDER, (_, name: string) => groups[name] ?? '');
}
