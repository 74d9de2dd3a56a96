import { PatternError } from './dockerignore-pattern.ts';
import { askLevel, topLevel } from './ignore-level.ts';
import { parseIgnoreRule, trimPattern, type IgnoreRule } from './ignore-rule.ts';
import type { Problem } from '../problem.ts';

/** An ignore file's rules, in their order. */
export type IgnoreRules = readonly IgnoreRule[];

/** Rules, and what is wrong with those that are not among them. */
export interface ParsedRules {
  readonly rules: IgnoreRules;
  readonly problems: readonly Problem[];
}

/**
 * Parses an ignore file: a pattern a line; `#` in the first column starts a comment; `!` negates.
 * Patterns that Docker would refuse, or that its versions read differently, become problems
 * (DOCKERIGNORE_PATTERN) with their line in `file`.
 */
export function parseDockerignore(text: string, file: string): ParsedRules {
  const rules: IgnoreRule[] = [];
  const problems: Problem[] = [];
  const lines = text.replace(/^\uFEFF/, '').split('\n');
  lines.forEach((line, index) => {
    if (line.startsWith('#')) return;
    try {
      const rule = parseIgnoreRule(line);
      if (rule !== undefined) rules.push(rule);
    } catch (error) {
      if (!(error instanceof PatternError)) throw error;
      problems.push({
        code: 'DOCKERIGNORE_PATTERN',
        file,
        line: index + 1,
        path: trimPattern(line),
        problem: error.message,
        remedy: error.remedy,
      });
    }
  });
  return { rules, problems };
}

/** True when no Docker engine would send the file at `path` (relative to the context). */
export function isIgnored(rules: IgnoreRules, path: string): boolean {
  const names = path.split('/');
  const name = names.pop() ?? '';
  const above = names.reduce((level, parent) => askLevel(level, parent).enter(), topLevel(rules));
  return askLevel(above, name).ignored;
}

/** True when nothing can take files below an ignored directory back, so that it needs no walk. */
export function isFinal(rules: IgnoreRules): boolean {
  return rules.every(({ negated }) => !negated);
}
