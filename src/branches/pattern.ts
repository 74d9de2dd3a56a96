import { RE2JS } from 're2js';
import { matchesPath } from '../path-pattern.ts';
import { messageOf } from '../problem.ts';

/** In characters: the longest pattern that a reviewer can be expected to read. */
const LONGEST = 500;

/** A pattern with the names of its groups, or why it can't be used. */
type CompiledPattern =
  | { readonly pattern: RE2JS; readonly groups: readonly string[] }
  | { readonly problem: string; readonly remedy: string };

/**
 * Compiles a pattern for the references in a line. The pattern must have a group `image`, and must not
 * match an empty line. Its engine, RE2, takes time in proportion to the line, whatever the pattern: that
 * of JavaScript may take forever.
 */
export function compilePattern(text: string): CompiledPattern {
  if (text.length > LONGEST) {
    return { problem: `the pattern is longer than ${LONGEST} characters`, remedy: 'shorten it' };
  }
  try {
    void new RegExp(text, 'u');
  } catch (error) {
    const problem = `it is no regular expression: ${reasonOf(error)}`;
    return { problem, remedy: 'write one of JavaScript with the flag u, in single quotes' };
  }
  let pattern: RE2JS;
  try {
    pattern = RE2JS.compile(text);
  } catch (error) {
    const problem = `the engine RE2 does not take it: ${reasonOf(error)}`;
    const remedy = 'write it without lookahead, lookbehind, backreference and \\u, as RE2 has it';
    return { problem, remedy };
  }
  const groups = Object.keys(pattern.namedGroups());
  if (!groups.includes('image')) {
    return { problem: 'no group is named image', remedy: 'write (?<image>...) around the name' };
  }
  if (pattern.test('')) {
    return { problem: 'it matches an empty line', remedy: 'require at least one character' };
  }
  return { pattern, groups };
}

/** The last part of the message, without the pattern. */
function reasonOf(error: unknown): string {
  return messageOf(error)
    .replace(/^.*?parsing regexp: |^.*: /, '')
    .toLowerCase();
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
