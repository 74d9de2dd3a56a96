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
import { newHistory, runs, tell, type Event } from './history.ts';
import {
  answerFalsely,
  clockIsWrong,
  deleteVersion,
  killRun,
  loseState,
  moveTag,
  plantIndex,
  plantTag,
  removeTag,
  restoreState,
  sign,
  switchSigning,
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
  [2, changeTimes],
  [1, changeAllow],
  [2, moveTag],
  [1, removeTag],
  [1, plantTag],
  [1, plantIndex],
  [2, sign],
  [2, switchSigning],
  [1, deleteVersion],
  [2, killRun],
  [2, answerFalsely],
  [2, clockIsWrong],
  [1, loseState],
  [1, restoreState],
];

function passDays(a: number): Event {
  const days = 1 + (a % 25);
  return (history) => {
    history.world.now += days * DAY_MS;
    return tell(history, days === 1 ? 'a day has passed' : `${days} days have passed`);
  };
}

const LEAST_EVENTS = 40;
const MOST_EVENTS = 60;

const anyEvents = fc.noShrink(
  fc.array(
    fc.oneof(
      ...EVENTS.map(([weight, event]) => {
        const arbitrary = fc.tuple(fc.nat(999), fc.nat(999)).map(([a, b]) => event(a, b));
        return { weight, arbitrary };
      }),
    ),
    { minLength: LEAST_EVENTS, maxLength: MOST_EVENTS, size: 'max' },
  ),
);

const anyRegistry = fc.constantFrom<TagRemoval[]>('tag', 'unsupported', 'manifest');

/** The story of a history if it breaks a promise. Each event is an hour later than the one before. */
async function storyOf(removal: TagRemoval, events: readonly Event[]): Promise<string | undefined> {
  const history = await newHistory(removal);
  try {
    for (const event of events) {
      history.world.now += 3_600_000;
      history.truth.touch();
      if (await event(history)) history.truth.check();
    }
  } catch (error) {
    return [...history.story, String(error)].join('\n');
  }
  return undefined;
}

/** The same history without the events that it breaks a promise without. */
async function shortened(removal: TagRemoval, events: readonly Event[]): Promise<readonly Event[]> {
  let shorter = events;
  for (let at = events.length - 1; at >= 0; at--) {
    const fewer = shorter.toSpliced(at, 1);
    if ((await storyOf(removal, fewer)) !== undefined) shorter = fewer;
  }
  return shorter.length < events.length ? shortened(removal, shorter) : events;
}

/**
 * Runs so many histories; returns the first one that breaks a promise, shortened, as a story of one line for
 * each event, or `undefined`.
 */
export async function brokenHistory(
  options: fc.Parameters<[TagRemoval, readonly Event[]]>,
): Promise<string | undefined> {
  const property = fc.asyncProperty(anyRegistry, anyEvents, async (removal, events) => {
    return (await storyOf(removal, events)) === undefined;
  });
  const { counterexample } = await fc.check(property, options);
  if (counterexample === null) return undefined;
  const [removal, events] = counterexample;
  return storyOf(removal, await shortened(removal, events));
}
