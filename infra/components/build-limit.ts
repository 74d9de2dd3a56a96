import process from 'node:process';
import pulumi from '@pulumi/pulumi';
import pLimit, { type LimitFunction } from 'p-limit';
import { interruptEngine } from '../engine/interrupt-engine.ts';

/** What a build that takes too long is told to, and what happens then. */
export interface BuildLimitArgs {
  /** How long one build may take, its push included. */
  readonly seconds: number;
  /** How many builds the engine runs at once. */
  readonly parallel?: number;
  /** Ends the run, which waits for its builds for ever otherwise. */
  readonly endRun?: () => void;
}

/** Takes why an image is not published. */
export type Report = (reason: string) => Promise<void>;

/**
 * How long builds may take. Neither the engine nor the docker plug-in has such a limit, and no program can
 * end one build of several. So one that takes longer is reported at once, while everything else is
 * published; and once nothing else can go on, the run is ended.
 *
 * The time in the engine's queue does not count. The engine does not tell when a build's turn comes, so that
 * no more clocks run than it has workers. (To hand it builds one by one instead would be wrong: it deletes
 * what a program that ends too soon has not registered.)
 */
export class BuildLimit {
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

  /** What the end of a run waits for, by the image's name; `report` hears why it is not published. */
  waitFor(name: string, settled: pulumi.Output<unknown>, report: Report): void {
    this.unsettled.set(name, report);
    settled.apply(() => {
      this.unsettled.delete(name);
      return this.endIfStuck();
    });
  }

  /** To be called when the engine is asked for a build; returns what has to be called when that has ended. */
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
    const reason = `it is not built after ${this.seconds} s; see where it stands still, or raise buildTimeoutSeconds`;
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

/** What `--parallel` says, or the engine's default: the SDK's `cmd/run` puts it there. */
function parallelism(): number {
  const given = Number(process.env['PULUMI_NODEJS_PARALLEL']);
  return given >= 1 ? given : Infinity;
}
