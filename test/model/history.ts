import type { TagRemoval } from './model-registry.ts';
import { truth, type Truth } from './truth.ts';
import { up, type RunOptions, type RunResult } from './up.ts';
import { DAY_MS, name, newWorld, type World } from './world.ts';

/** A history as it happens: the world, the truth about it, and its story. */
export interface History {
  readonly world: World;
  readonly truth: Truth;
  readonly story: string[];
}

/** Happens, with its line of the story; false where it can't happen now. */
export type Event = (history: History) => boolean | Promise<boolean>;

const REGISTRIES: Readonly<Record<TagRemoval, string>> = {
  tag: 'a registry that can remove tags',
  unsupported: 'a registry that can remove no tags',
  manifest: 'a registry that removes a manifest with any of its tags',
};

/** Two branches that need two images, which the first run publishes. */
export async function newHistory(removal: TagRemoval): Promise<History> {
  const world = newWorld(removal);
  const history = { world, truth: truth(world), story: [] };
  const what = 'main and release-1.0 need alpha and beta by tag, and alpha alone; the first run';
  await run(history, `${REGISTRIES[removal]}; ${what}`, { refresh: false });
  return history;
}

/** Adds a line to the story. */
export function tell({ world, story }: History, line: string): true {
  story.push(`day ${dayOf(world, world.now)}: ${line}`);
  return true;
}

export function dayOf({ start }: World, time: number): number {
  return Math.floor((time - start) / DAY_MS);
}

/** Runs the program, and tells how that ended. */
export async function run(history: History, what: string, options: RunOptions): Promise<RunResult> {
  const { world, story } = history;
  tell(history, what);
  const at = story.length - 1;
  const result = await up(world, options);
  world.refusal = result.refused;
  for (const { image, digest, holds } of result.signed) {
    name(world, image, digest, holds === undefined ? 'signature' : 'of referrers');
  }
  const outcome = [
    ...result.built.map((name) => `publishes ${name}`),
    ...(result.refused === undefined ? [] : [`is refused: ${result.refused}`]),
    ...result.failures.map((failure) => `fails: ${failure}`),
  ];
  if (outcome.length > 0) story[at] = `${story[at] ?? ''}, which ${outcome.join('; ')}`;
  history.truth.afterRun(result, options);
  return result;
}

/** A run that is the whole event. */
export async function runs(history: History, what: string, options: RunOptions): Promise<true> {
  await run(history, what, options);
  return true;
}

/** One of the items, whatever the number; `undefined` of none. */
export function pick<Item>(items: Iterable<Item>, number: number): Item | undefined {
  const all = [...items];
  return all[number % all.length];
}
