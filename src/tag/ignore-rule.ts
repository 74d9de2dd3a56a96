import { posix } from 'node:path';
import { compilePattern, PatternError } from './dockerignore-pattern.ts';
import type { PatternStep } from './pattern-steps.ts';

/** One pattern of an ignore file, ready to match. */
export interface IgnoreRule {
  /** True after `!`: what it matches is taken back into the context. */
  readonly negated: boolean;
  /** The path components of the pattern, cleaned, without `!`. */
  readonly parts: readonly string[];
  readonly steps: readonly PatternStep[];
}

/** What Go calls white space, which `String.prototype.trim` calls so but for U+0085 and U+FEFF. */
const SPACE = /^[\s\u0085]+|[\s\u0085]+$/gu;

/** Parses a line that is no comment; `undefined` for an empty one. Throws a PatternError. */
export function parseIgnoreRule(line: string): IgnoreRule | undefined {
  let pattern = trimPattern(line);
  if (pattern === '') return undefined;
  // In the order of Docker's two steps, the ignore-file reader and the matcher: "/!a" ends up negated.
  const mark = pattern.startsWith('!') ? '!' : '';
  pattern = trimPattern(pattern.slice(mark.length));
  if (pattern !== '') pattern = cleanPath(pattern);
  if (pattern.length > 1 && pattern.startsWith('/')) pattern = pattern.slice(1);

  pattern = cleanPath(trimPattern(mark + pattern));
  const negated = pattern.startsWith('!');
  if (negated) pattern = pattern.slice(1);
  if (pattern === '') {
    throw new PatternError('"!" alone takes nothing back', 'write a pattern after it');
  }
  return { negated, parts: pattern.split('/'), steps: compilePattern(pattern) };
}

/** Without the white space around it that Docker takes off. */
export function trimPattern(text: string): string {
  return text.replace(SPACE, '');
}

/** Go's filepath.Clean: like `posix.normalize`, but without a slash at the end. */
function cleanPath(path: string): string {
  const normal = posix.normalize(path);
  return normal.length > 1 && normal.endsWith('/') ? normal.slice(0, -1) : normal;
}
