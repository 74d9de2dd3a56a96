import fc from 'fast-check';
import { cleanUp } from './clean-up.ts';
import {
  accept,
  addUse,
  changeAllow,
  changeCatalog,
  changeInputs,
  changeTimes,
  cutBranch,
  deleteBranch,
  forcePush,
  removeUse,
  renameBranch,
} from './commits.ts';
import { newHistory, runs, tell, type Event, type History } from './history.ts';
import {
  answerFalsely,
  clockIsWrong,
  deleteVersion,
  killRun,
  moveTag,
  removeTag,
} from './mishaps.ts';
import type { TagRemoval } from './model-registry.ts';
import { DAY_MS } from './world.ts';

/** What may happen, from two numbers, and how often. */
const EVENTS: readonly (readonly [weight: number, event: (a: number, b: number) => Event])[] = [
  [6, passDays],
  [4, () => (history) => runs(history, "a merge's run", { refresh: false })],
  [6, () => (history) => runs(history, "the night's run", { refresh: true })],
  [6, cleanUp],
  [4, accept],
  [3, changeInputs],
  [2, changeCatalog],
  [2, cutBranch],
  [2, deleteBranch],
  [1, renameBranch],
  [1, forcePush],
  [4, addUse],
  [2, removeUse],
  [1, changeTimes],
  [1, changeAllow],
  [2, moveTag],
  [1, removeTag],
  [1, deleteVersion],
  [2, killRun],
  [2, answerFalsely],
  [2, clockIsWrong],
];

function passDays(a: number): Event {
  const days = 1 + (a % 25);
  return (history) => {
    history.world.now += days * DAY_MS;
    return tell(history, days === 1 ? 'a day has passed' : `${days} days have passed`);
  };
}

type Command = fc.AsyncCommand<object, History>;

/** Each event is an hour later, and after it everything that was promised must be there. */
function commandOf(event: Event): Command {
  return {
    check: () => true,
    async run(_, history) {
      history.world.now += 3_600_000;
      history.truth.touch();
      if (await event(history)) history.truth.check();
    },
  };
}

const LEAST_EVENTS = 40;
const MOST_EVENTS = 60;

const anyEvents = fc.commands<object, History, false>(
  EVENTS.flatMap(([weight, event]) => {
    const numbers = fc.noShrink(fc.tuple(fc.nat(999), fc.nat(999)));
    const any = numbers.map(([a, b]) => commandOf(event(a, b)));
    return Array.from({ length: weight }, () => any);
  }),
  { maxCommands: MOST_EVENTS, size: 'max' },
);

/** Histories of many events, which a counterexample is shortened from. */
class LongHistories extends fc.Arbitrary<Iterable<Command>> {
  override generate(...args: Parameters<typeof anyEvents.generate>) {
    for (;;) {
      const events = anyEvents.generate(...args);
      if ([...events.value_].length >= LEAST_EVENTS) return events;
    }
  }

  override canShrinkWithoutContext(value: unknown): value is Iterable<Command> {
    return anyEvents.canShrinkWithoutContext(value);
  }

  override shrink(value: Iterable<Command>, context?: unknown) {
    return anyEvents.shrink(value, context);
  }
}

const anyRegistry = fc.constantFrom<TagRemoval[]>('tag', 'unsupported', 'manifest');

/**
 * Runs so many histories; returns the shortest one that breaks a promise, as a story of one line for each
 * event, or `undefined`.
 */
export async function brokenHistory(
  options: fc.Parameters<[TagRemoval, Iterable<Command>]>,
): Promise<string | undefined> {
  const property = fc.asyncProperty(anyRegistry, new LongHistories(), async (removal, events) => {
    const history = await newHistory(removal);
    try {
      await fc.asyncModelRun(() => ({ model: {}, real: history }), events);
    } catch (error) {
      throw new Story(history, error);
    }
  });
  const { errorInstance } = await fc.check(property, options);
  if (errorInstance === null || errorInstance instanceof Story) return errorInstance?.message;
  throw errorInstance instanceof Error ? errorInstance : new Error('a history failed');
}

class Story extends Error {
  constructor({ story }: History, cause: unknown) {
    super([...story, String(cause)].join('\n'), { cause });
  }
}
