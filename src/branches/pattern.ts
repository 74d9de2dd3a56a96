import { tokensOf } from './pattern-key.ts';
import { matchesPath } from '../path-pattern.ts';

/** In characters: the longest pattern that a reviewer can be expected to read. */
const LONGEST = 500;

/** A pattern with the names of its groups, or why it can't be used. */
type CompiledPattern =
  | { readonly pattern: RegExp; readonly groups: readonly string[] }
  | { readonly problem: string; readonly remedy: string };

/**
 * Compiles a pattern for the references in a line. The pattern must have a group `image`, and must not
 * match an empty line. A repeated group that holds a repetition or alternatives can take exponential
 * time, and is rejected. Lines are of limited length, which bounds every other pattern.
 */
export function compilePattern(text: string): CompiledPattern {
  if (text.length > LONGEST) {
    return { problem: `the pattern is longer than ${LONGEST} characters`, remedy: 'shorten it' };
  }
  let pattern: RegExp;
  let groups: readonly string[];
  try {
    pattern = new RegExp(text, 'gu');
    // The empty alternative matches anything, so that the match names all groups.
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
    return { problem: 'it matches an empty line', remedy: 'require at least one character' };
  }
  return { pattern, groups };
}

/** Whether a pattern, which compiles, repeats a group that holds a repetition or alternatives. */
function repeatsChoice(text: string): boolean {
  const tokens = tokensOf(text);
  const open = [{ chooses: false }];
  for (const [position, token] of tokens.entries()) {
    const inner = open.at(-1);
    if (token.startsWith('(')) open.push({ chooses: false });
    else if (token === ')') {
      const group = open.pop();
      const outer = open.at(-1);
      if (group?.chooses !== true || outer === undefined) continue;
      if (/^[*+{]/.test(tokens[position + 1] ?? '')) return true;
      outer.chooses = true;
    } else if (inner !== undefined && /^[|?*+{]/.test(token)) {
      inner.chooses = true;
    }
  }
  return false;
}

/** How to write a glob, for the remedy of a glob that is rejected. */
export const GLOB_SHAPE =
  'a path such as tests/files/*.yml or roles/**/molecule.yml: * and ? within a name, ** for directories';

/**
 * Compiles a glob to a test for paths, by the rules of `matchesPath`. `undefined` for a glob that can't match
 * a file (a leading or trailing slash, `.` and `..`), and for characters that are special in other glob
 * languages.
 */
export function compileGlob(glob: string): ((path: string) => boolean) | undefined {
  const names = glob.split('/');
  if (names.at(-1) === '**' || names.some(isUnusable)) return undefined;
  return (path) => matchesPath(names, path);
}

function isUnusable(name: string): boolean {
  if (name === '**') return false;
  return ['', '.', '..'].includes(name) || /\*\*|[[\]{}\\!\p{Cc}]/u.test(name);
}

const PLACEHOLDER = /\$\{(\w+)\}/g;

/** The groups that a template names, such as `image` for `vm-${image}`. */
export function templateGroups(template: string): readonly string[] {
  return Array.from(template.matchAll(PLACEHOLDER), ([, name = '']) => name);
}

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
