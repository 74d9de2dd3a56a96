import { posix } from 'node:path';
import { compilePattern, PatternError } from './dockerignore-pattern.ts';
import type { Problem } from '../problem.ts';

/** One pattern of an ignore file, ready to match. */
interface IgnoreRule {
  /** True after `!`: what it matches is taken back into the context. */
  readonly negated: boolean;
  /** Cleaned, without `!`. */
  readonly text: string;
  /** How many path components `text` has. */
  readonly parts: number;
  readonly matches: (path: string) => boolean;
}

/** An ignore file's rules, in their order. */
export type IgnoreRules = readonly IgnoreRule[];

/** What Go calls white space, which `String.prototype.trim` calls so but for U+0085 and U+FEFF. */
const SPACE = /^[\s\u0085]+|[\s\u0085]+$/gu;

/**
 * Parses an ignore file: a pattern a line; `#` in the first column starts a comment; `!` negates.
 * Patterns that Docker would refuse, or that its versions read differently, become problems
 * (DOCKERIGNORE_PATTERN) with their line in `file`.
 */
export function parseDockerignore(
  text: string,
  file: string,
): { rules: IgnoreRules; problems: readonly Problem[] } {
  const rules: IgnoreRule[] = [];
  const problems: Problem[] = [];
  const lines = text.replace(/^\uFEFF/, '').split('\n');
  lines.forEach((line, index) => {
    if (line.startsWith('#')) return;
    try {
      const rule = parseRule(line);
      if (rule !== undefined) rules.push(rule);
    } catch (error) {
      if (!(error instanceof PatternError)) throw error;
      problems.push({
        code: 'DOCKERIGNORE_PATTERN',
        file,
        line: index + 1,
        path: trim(line),
        problem: error.message,
        remedy: error.remedy,
      });
    }
  });
  return { rules, problems };
}

/**
 * True when no Docker engine would send the file at `path` (relative to the context).
 *
 * The last rule that matches the path or a directory above it wins. How far a directory's match
 * reaches down is where engines differ, so two of them are asked; a file that either one sends
 * counts as part of the context, since a tag that changes too often is harmless and one that
 * doesn't change is not.
 */
export function isIgnored(rules: IgnoreRules, path: string): boolean {
  if (rules.length === 0) return false;
  const ancestors = pathsDownTo(path);
  return isIgnoredToday(rules, ancestors) && isIgnoredByEngine20(rules, ancestors);
}

/** True when nothing can take files below an ignored directory back, so that it needs no walk. */
export function isFinal(rules: IgnoreRules): boolean {
  return rules.every(({ negated }) => !negated);
}

function parseRule(line: string): IgnoreRule | undefined {
  let pattern = trim(line);
  if (pattern === '') return undefined;
  // In the order of Docker's two steps, the ignore-file reader and the matcher: "/!a" ends up negated.
  const mark = pattern.startsWith('!') ? '!' : '';
  pattern = trim(pattern.slice(mark.length));
  if (pattern !== '') pattern = cleanPath(pattern);
  if (pattern.length > 1 && pattern.startsWith('/')) pattern = pattern.slice(1);

  pattern = cleanPath(trim(mark + pattern));
  const negated = pattern.startsWith('!');
  if (negated) pattern = pattern.slice(1);
  if (pattern === '') {
    throw new PatternError('"!" alone takes nothing back', 'write a pattern after it');
  }
  const parts = pattern.split('/').length;
  return { negated, text: pattern, parts, matches: compilePattern(pattern) };
}

/** Go's filepath.Clean: like `posix.normalize`, but without a slash at the end. */
function cleanPath(path: string): string {
  const normal = posix.normalize(path);
  return normal.length > 1 && normal.endsWith('/') ? normal.slice(0, -1) : normal;
}

function trim(text: string): string {
  return text.replace(SPACE, '');
}

/** `a/b/c` → `a`, `a/b`, `a/b/c`. */
function pathsDownTo(path: string): readonly string[] {
  const parts = path.split('/');
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
}

/** moby/patternmatcher, `MatchesUsingParentResults`: a rule that matched a directory holds below it. */
function isIgnoredToday(rules: IgnoreRules, paths: readonly string[]): boolean {
  let ignored = false;
  const holds = rules.map(() => false);
  for (const path of paths) {
    ignored = false;
    rules.forEach((rule, index) => {
      // A rule that could change nothing at this level is not tried, and so doesn't hold below it.
      holds[index] ||= rule.negated === ignored && rule.matches(path);
      if (holds[index]) ignored = !rule.negated;
    });
  }
  return ignored;
}

/**
 * Docker Engine 20.10: a rule is tried on the path and on the one directory above it that has as
 * many parts as the rule, and an ignored directory is entered only when a negated rule starts with it.
 */
function isIgnoredByEngine20(rules: IgnoreRules, paths: readonly string[]): boolean {
  return paths.some((path, depth) => {
    const ignored = rules.reduce((before, { negated, parts, matches }) => {
      const above = parts <= depth ? paths[parts - 1] : undefined;
      const hit = matches(path) || (above !== undefined && matches(above));
      return hit ? !negated : before;
    }, false);
    const isDirectory = depth < paths.length - 1;
    const entered = rules.some((rule) => rule.negated && `${rule.text}/`.startsWith(`${path}/`));
    return ignored && !(isDirectory && entered);
  });
}
