import { HostError } from '../merge-request/host-api.ts';

/** Something that the safety of a stack rests on, as a code host's settings must have it. */
export interface Rule<T> {
  /** A word or two, the same in each run. */
  readonly name: string;
  readonly promise: string;
  /** What to do where it does not hold. */
  readonly remedy: string;
  /** `undefined` where the host's response leaves out what the rule is about. */
  readonly holds: (found: T) => boolean | undefined;
}

export interface Check extends Omit<Rule<unknown>, 'holds'> {
  /** `unknown`: the host does not tell it to this token; the remedy says why. */
  readonly state: 'ok' | 'open' | 'unknown';
}

/** What a host was asked for, or why it does not say. */
export type Fact<T> = { readonly found: T } | { readonly unknown: string };

/** Throws a HostError when the host can't be reached: then nothing is known. */
export async function factOf<T>(request: Promise<T>): Promise<Fact<T>> {
  try {
    return { found: await request };
  } catch (error) {
    if (!(error instanceof HostError) || error.isPassing) throw error;
    return { unknown: `${error.problem}; ${error.remedy}` };
  }
}

/** Both facts, or why one of them is unknown. */
export function both<A, B>(a: Fact<A>, b: Fact<B>): Fact<readonly [A, B]> {
  if ('unknown' in a) return a;
  return 'unknown' in b ? b : { found: [a.found, b.found] };
}

/** What to do when a host can't be reached. */
export const LATER = 'run this again later';

const LEFT_OUT = 'the host leaves it out: use the token of somebody who may change these settings';

/** Checks rules that are about one fact. */
export function checkRules<T>(fact: Fact<T>, rules: readonly Rule<T>[]): readonly Check[] {
  return rules.map(({ holds, ...rule }) => {
    if ('unknown' in fact) return { ...rule, state: 'unknown', remedy: fact.unknown };
    const held = holds(fact.found);
    if (held === undefined) return { ...rule, state: 'unknown', remedy: LEFT_OUT };
    return { ...rule, state: held ? 'ok' : 'open' };
  });
}
