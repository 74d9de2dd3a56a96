import process from 'node:process';

/** What one piece of work took. */
export interface Measured {
  /** Milliseconds on the clock. */
  readonly wall: number;
  /** Milliseconds of all processors, of this process alone. */
  readonly cpu: number;
  /** MiB that the process had at most, until now. */
  readonly peak: number;
}

/** Does the work once and measures it; what it returns is of no interest. */
export async function measure(work: () => unknown): Promise<Measured> {
  const cpu = process.cpuUsage();
  const begun = performance.now();
  await work();
  const wall = performance.now() - begun;
  const { user, system } = process.cpuUsage(cpu);
  const peak = process.resourceUsage().maxRSS / 1024;
  return { wall, cpu: (user + system) / 1000, peak };
}
