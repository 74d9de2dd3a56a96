/** What a pattern asks of a path, one step after the other. */
export type PatternStep =
  /** Exactly one character. */
  | { readonly kind: 'one'; readonly accepts: (character: string) => boolean }
  /** Any number of characters, also none. */
  | { readonly kind: 'many'; readonly accepts: (character: string) => boolean }
  /** The next `count` steps may be left out, all of them together. */
  | { readonly kind: 'optional'; readonly count: number };

/** Where in its steps a pattern may stand after some text: indexes, one past the end for a match. */
export type Standing = ReadonlySet<number>;

/** Where every pattern stands before any text. */
export function firstStanding(steps: readonly PatternStep[]): Standing {
  return withLeftOut(steps, new Set([0]));
}

/**
 * Where the pattern may stand after more text. All the ways to read a path are followed at once and
 * none is tried again, so that no pattern, whoever wrote it, takes longer than its steps times the
 * text's characters; a backtracking regular expression would take exponentially long.
 */
export function advance(steps: readonly PatternStep[], from: Standing, text: string): Standing {
  let standing = from;
  for (const character of text) {
    if (standing.size === 0) break;
    const next = new Set<number>();
    for (const at of standing) {
      const step = steps[at];
      if (step === undefined || step.kind === 'optional' || !step.accepts(character)) continue;
      next.add(step.kind === 'one' ? at + 1 : at);
    }
    standing = withLeftOut(steps, next);
  }
  return standing;
}

/** True when what was read so far is all that the pattern asks. */
export function isMatch(steps: readonly PatternStep[], standing: Standing): boolean {
  return standing.has(steps.length);
}

function withLeftOut(steps: readonly PatternStep[], standing: Set<number>): Standing {
  // A set's iteration comes to what is added meanwhile, too.
  for (const at of standing) {
    const step = steps[at];
    if (step === undefined || step.kind === 'one') continue;
    standing.add(at + 1);
    if (step.kind === 'optional') standing.add(at + 1 + step.count);
  }
  return standing;
}
