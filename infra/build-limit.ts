import pulumi from '@pulumi/pulumi';
import { interruptEngine } from './interrupt-engine.ts';

/** What a build that takes too long is told to, and what happens then. */
export interface BuildLimitArgs {
  /** How long one build may take, its push and its turn in the engine included. */
  readonly seconds: number;
  /** Ends the run, which waits for its builds for ever otherwise. */
  readonly endRun?: () => void;
}

/**
 * How long builds may take. Neither the engine nor the docker plug-in has such a limit, and no program can
 * end one build of several. So one that takes longer is reported at once, while everything else is
 * published; and once nothing else is left to wait for, the run is ended.
 */
export class BuildLimit {
  private readonly unsettled = new Set<string>();
  private readonly overdue = new Set<string>();
  private readonly seconds: number;
  private readonly endRun: () => void;

  constructor({ seconds, endRun = interruptEngine }: BuildLimitArgs) {
    this.seconds = seconds;
    this.endRun = endRun;
  }

  /** What the end of a run waits for, by the image's name. */
  waitFor(name: string, settled: pulumi.Output<unknown>): void {
    this.unsettled.add(name);
    settled.apply(() => {
      this.unsettled.delete(name);
      this.endIfOverdue();
    });
  }

  /** To be called when a build begins; `report` hears why its image is not published. Returns what ends the watch. */
  begin(name: string, report: (reason: string) => Promise<void>): () => void {
    const timer = setTimeout(() => {
      this.overdue.add(name);
      const reason = `it is not built after ${this.seconds} s; see where it stands still, or raise buildTimeoutSeconds`;
      void report(reason).then(() => {
        this.endIfOverdue();
      });
    }, this.seconds * 1000);
    // A build whose engine has given up never ends, and must not keep this process.
    timer.unref();
    return () => {
      clearTimeout(timer);
      this.overdue.delete(name);
    };
  }

  private endIfOverdue(): void {
    const isAlone = [...this.unsettled].every((name) => this.overdue.has(name));
    if (this.overdue.size > 0 && isAlone) this.endRun();
  }
}
