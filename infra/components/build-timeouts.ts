import process from 'node:process';
import pLimit, { type LimitFunction } from 'p-limit';
import type pulumi from '@pulumi/pulumi';
import { interruptEngine } from '../engine/interrupt-engine.ts';

interface BuildLimitArgs {
  /** How long one build may take, its push included. */
  readonly seconds: number;
  /** How many builds the engine runs at once. */
  readonly parallel?: number;
  /** Ends the run, which would wait for its builds for ever otherwise. */
  readonly endRun?: () => void;
}

/** Reports why an image is not published. */
export type Report = (reason: string) => Promise<void>;

/**
 * Limits how long builds may take, which neither the engine nor the docker plug-in does. A program cannot end
 * one build of several: a build that takes longer is reported at once, and ends the run once nothing else can
 * go on.
 *
 * The time in the engine's queue does not count. The engine does not say when a build starts, so no more
 * clocks run than it has workers. (Passing it builds one by one would be wrong: it deletes what a program that
 * ends too soon has not registered.)
 */
export class BuildTimeouts {
  private readonly unsettled = new Map<string, Report>();
  private readonly overdue = new Set<string>();
  private readonly seconds: number;
  private readonly parallel: number;
  private readonly endRun: () => void;
  private readonly limit: LimitFunction;
  private isOver = false;

  constructor({ seconds, parallel = parallelism(), endRun = interruptEngine }: BuildLimitArgs) {
    this.seconds = seconds;
    this.parallel = parallel;
    this.endRun = endRun;
    this.limit = pLimit(parallel);
  }

  /** Has the end of the run wait for an image, by its name; `report` gets the reason if it is given up. */
  waitFor(name: string, settled: pulumi.Output<unknown>, report: Report): void {
    this.unsettled.set(name, report);
    settled.apply(() => {
      this.unsettled.delete(name);
      return this.endIfStuck();
    });
  }

  /** To be called when the engine gets a build. Returns a function to be called when the build has ended. */
  begin(name: string): () => void {
    let end: () => void = () => undefined;
    const ended = new Promise<void>((resolve) => (end = resolve));
    void this.limit(async () => {
      const timer = setTimeout(() => void this.giveUp(name), this.seconds * 1000);
      // A build whose engine has given up never ends, and must not keep this process.
      timer.unref();
      await ended;
      clearTimeout(timer);
    });
    return () => {
      this.overdue.delete(name);
      end();
    };
  }

  private async giveUp(name: string): Promise<void> {
    this.overdue.add(name);
    const reason = `it is not built after ${this.seconds} s; see where the build hangs, or raise buildTimeoutSeconds`;
    await this.unsettled.get(name)?.(reason);
    await this.endIfStuck();
  }

  private async endIfStuck(): Promise<void> {
    if (this.isOver || this.overdue.size === 0) return;
    const others = [...this.unsettled].filter(([name]) => !this.overdue.has(name));
    // With a build that hangs on each of its workers, the engine does not get to anything else.
    if (others.length > 0 && this.overdue.size < this.parallel) return;
    this.isOver = true;
    const reason = `it waits for builds that hang: ${[...this.overdue].join(', ')}`;
    await Promise.all(others.map(([, report]) => report(reason)));
    this.endRun();
  }
}

/** The value of `--parallel`, or the engine's default: the SDK's `cmd/run` passes it on. */
function parallelism(): number {
  const given = Number(process.env['PULUMI_NODEJS_PARALLEL']);
  return given >= 1 ? given : Infinity;
}
