import type { Measured } from './measure.ts';

/** What one size of a benchmark took. */
export interface Result extends Measured {
  /** Milliseconds on the clock of what it is compared with, measured in the same process. */
  readonly yardstick?: number;
}

/** A piece of work whose cost is of interest. It asserts nothing about time. */
export interface Benchmark {
  readonly name: string;
  readonly what: string;
  readonly sizes: readonly number[];
  readonly unit: string;
  /** What `yardstick` in the results is. */
  readonly yardstick?: string;
  /** What it is to reach, for readers. */
  readonly goal: string;
  /** Makes what it needs in `folder`, which is empty and removed afterwards; only the work is measured. */
  run(size: number, folder: string): Promise<Result>;
}
