import type { Measured } from './measure.ts';

/** What one size of a benchmark took; without what this process can't tell of the programs that it started. */
export interface Result extends Omit<Measured, 'cpu' | 'peak'> {
  readonly cpu?: number;
  readonly peak?: number;
  /** Milliseconds on the clock of what it is compared with, measured in the same process. */
  readonly yardstick?: number;
  /** Milliseconds of its parts, by their titles, in order. */
  readonly steps?: Readonly<Record<string, number>>;
}

/** A piece of work whose cost is of interest. It asserts nothing about time. */
export interface Benchmark {
  readonly name: string;
  readonly what: string;
  readonly sizes: readonly number[];
  readonly unit: string;
  /** What `yardstick` in the results is. */
  readonly yardstick?: string;
  /** That `run` does it several times by itself, since it has to make so much first. */
  readonly repeatsItself?: true;
  /** What it is to reach, for readers. */
  readonly goal: string;
  /** Makes what it needs in `folder`, which is empty and removed afterwards; only the work is measured. */
  run(size: number, folder: string): Promise<Result>;
}
