import process from 'node:process';
import { known } from '../support/fixtures.ts';

/** The cost of one size of a benchmark. */
export interface Result {
  /** Milliseconds on the clock. */
  readonly wall: number;
  /** Milliseconds of all processors, of this process alone; absent where it starts programs. */
  readonly cpu?: number;
  /** MiB that the process had at most, until now. */
  readonly peak?: number;
  /** Milliseconds on the clock of the work that it is compared with, measured in the same process. */
  readonly yardstick?: number;
  /** The plug-ins that it ran with, in words; absent where it runs none. */
  readonly plugIns?: string;
  /** Milliseconds of its parts, by their titles, in order. */
  readonly steps?: Readonly<Record<string, number>>;
}

/** A piece of work whose cost is of interest. It asserts nothing about time. */
export interface Benchmark {
  readonly name: string;
  readonly what: string;
  readonly sizes: readonly number[];
  readonly unit: string;
  /** The work that it is compared with. */
  readonly yardstick?: string;
  /** Whether `run` repeats the work by itself, since it has to prepare so much first. */
  readonly repeatsItself?: true;
  /** The figure to reach, for readers. */
  readonly goal: string;
  /** `folder` is empty and removed afterwards. Only the work is measured, not its preparation. */
  run(size: number, folder: string): Promise<Result>;
}

/** Each is measured so often. The result is the run in the middle. */
export const RUNS = 3;

/** Does the work once and measures it. */
export async function measure(work: () => unknown): Promise<Result> {
  const cpu = process.cpuUsage();
  const begun = performance.now();
  await work();
  const wall = performance.now() - begun;
  const { user, system } = process.cpuUsage(cpu);
  const peak = process.resourceUsage().maxRSS / 1024;
  return { wall, cpu: (user + system) / 1000, peak };
}

/** Prepares a run, and returns the work to measure. */
type Prepare = (run: number) => Promise<() => Promise<unknown>>;

/** Measures both in turn, since the machine's speed drifts. */
export async function inTurns({
  ours,
  floor,
}: Readonly<Record<'ours' | 'floor', Prepare>>): Promise<Result> {
  const runs = [];
  for (let run = 0; run < RUNS; run += 1) {
    const { wall } = await measure(await ours(run));
    runs.push({ wall, yardstick: (await measure(await floor(run))).wall });
  }
  return middleOf(runs, ({ wall, yardstick }) => wall / yardstick);
}

export function middleOf<Run>(runs: readonly Run[], figure: (run: Run) => number): Run {
  return known(runs.toSorted((a, b) => figure(a) - figure(b))[Math.floor(runs.length / 2)]);
}
