import type { Result } from './benchmark.ts';
import { measure } from './measure.ts';

const RUNS = 3;

/** Makes ready for a run, and returns what is measured of it. */
type Prepare = (run: number) => Promise<() => Promise<void>>;

/** Measures both in turn, since the machine's speed drifts; what is told is the run in the middle. */
export async function inTurns({
  ours,
  floor,
}: Readonly<Record<'ours' | 'floor', Prepare>>): Promise<Result> {
  const runs = [];
  for (let run = 0; run < RUNS; run += 1) {
    const { wall } = await measure(await ours(run));
    runs.push({ wall, yardstick: (await measure(await floor(run))).wall });
  }
  const [, middle] = runs.toSorted((a, b) => a.wall / a.yardstick - b.wall / b.yardstick);
  if (middle === undefined) throw new Error('three runs have a middle');
  return middle;
}
