import type { IgnoreRule } from './ignore-rule.ts';
import { advance, firstStanding, isMatch, type Standing } from './pattern-steps.ts';

/**
 * How the rules stand in one directory of a context. Each level is made from the one above, so that
 * a walk reads every name once, however deep it is.
 */
export interface IgnoreLevel {
  /** How many path components the directory has; 0 for the context itself. */
  readonly depth: number;
  readonly rules: readonly RuleLevel[];
  /** True when Docker Engine 20.10 doesn't come here. */
  readonly cutOff: boolean;
}

/** How one rule stands in a directory. */
interface RuleLevel {
  readonly rule: IgnoreRule;
  /** After the directory's path and a slash. */
  readonly standing: Standing;
  /** True when it matched the directory or one above, and counted there. */
  readonly holds: boolean;
  /** True when it matched the one directory on the way that has as many components as the rule. */
  readonly matchedAbove: boolean;
  /** True when the rule's text starts with the directory's path. */
  readonly leadsHere: boolean;
}

/** What the rules say of a name in a directory. */
export interface IgnoreAnswer {
  readonly ignored: boolean;
  /** The level below the name, if it is a directory's. */
  readonly enter: () => IgnoreLevel;
}

export function topLevel(rules: readonly IgnoreRule[]): IgnoreLevel {
  const states = rules.map((rule) => ({
    rule,
    standing: firstStanding(rule.steps),
    holds: false,
    matchedAbove: false,
    leadsHere: true,
  }));
  return { depth: 0, rules: states, cutOff: false };
}

/**
 * Asks the rules about a name. The last rule that matches the path or a directory above it wins. How
 * far a directory's match reaches down is where engines differ, so two of them are asked; a file that
 * either one sends counts as part of the context, since a tag that changes too often is harmless and
 * one that doesn't change is not.
 */
export function askLevel(level: IgnoreLevel, name: string): IgnoreAnswer {
  const depth = level.depth + 1;
  const tried = level.rules.map((state) => {
    const standing = advance(state.rule.steps, state.standing, name);
    return { ...state, standing, matched: isMatch(state.rule.steps, standing) };
  });
  const today = askEngineOfToday(tried);
  const ignoredBy20 = isIgnoredByEngine20(tried);

  const enter = (): IgnoreLevel => {
    const rules = tried.map(({ rule, standing, matched, matchedAbove, leadsHere }, index) => ({
      rule,
      standing: advance(rule.steps, standing, '/'),
      holds: today.holds[index] === true,
      matchedAbove: matchedAbove || (matched && rule.parts.length === depth),
      leadsHere: leadsHere && rule.parts[depth - 1] === name,
    }));
    // 20.10 enters an ignored directory only when a negated rule starts with it.
    const entered = rules.some(({ rule, leadsHere }) => rule.negated && leadsHere);
    return { depth, rules, cutOff: level.cutOff || (ignoredBy20 && !entered) };
  };
  return { ignored: today.ignored && (level.cutOff || ignoredBy20), enter };
}

interface TriedRule extends RuleLevel {
  /** True when the rule matches the very path that is asked about. */
  readonly matched: boolean;
}

/** moby/patternmatcher, `MatchesUsingParentResults`: a rule that matched a directory holds below it. */
function askEngineOfToday(tried: readonly TriedRule[]): { ignored: boolean; holds: boolean[] } {
  let ignored = false;
  const holds = tried.map((state) => {
    // A rule that could change nothing at this level is not tried, and so doesn't hold below it.
    const counts = state.holds || (state.matched && state.rule.negated === ignored);
    if (counts) ignored = !state.rule.negated;
    return counts;
  });
  return { ignored, holds };
}

/**
 * Docker Engine 20.10: a rule is tried on the path and on the one directory above it that has as
 * many parts as the rule.
 */
function isIgnoredByEngine20(tried: readonly TriedRule[]): boolean {
  const last = tried.findLast(({ matched, matchedAbove }) => matched || matchedAbove);
  return last !== undefined && !last.rule.negated;
}
