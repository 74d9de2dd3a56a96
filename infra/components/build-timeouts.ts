import process from 'node:process';
import pLimit from 'p-limit';
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
type Report = (reason: string) => Promise<void>;

/**
 * Limits how long builds may take, which neither the engine nor the docker plug-in does. A program cannot end
 * one build of several: a build that takes longer is reported at once, and ends the run once nothing else can
 * go on.
 *
 * The time in the engine's queue does not count. The engine does not say when a build starts, so no more
 * clocks run than it has workers. (Passing it builds one by one would be wrong: it deletes what a program that
 * ends too soon has not registered.)
 */
export function buildTimeouts({
  seconds,
  parallel = parallelism(),
  endRun = interruptEngine,
}: BuildLimitArgs) {
  const unsettled = new Map<string, Report>();
  /** Builds to the names of their images. */
  const overdue = new Map<symbol, string>();
  const limit = pLimit(parallel);
  let isOver = false;

  const endIfStuck = async () => {
    if (isOver || overdue.size === 0) return;
    const hanging = new Set(overdue.values());
    const others = [...unsettled].filter(([name]) => !hanging.has(name));
    // With a build that hangs on each of its workers, the engine does not get to anything else.
    if (others.length > 0 && overdue.size < parallel) return;
    isOver = true;
    const reason = `it waits for builds that hang: ${[...hanging].join(', ')}`;
    await Promise.all(others.map(([, report]) => report(reason)));
    endRun();
  };

  const giveUp = async (build: symbol, name: string, leave: () => void) => {
    overdue.set(build, name);
    leave();
    const reason = `it is not built after ${seconds} s; see where the build hangs, or raise buildTimeoutSeconds`;
    await unsettled.get(name)?.(reason);
    await endIfStuck();
  };

  return {
    /** Has the end of the run wait for an image, by its name; `report` gets the reason if it is given up. */
    waitFor(name: string, settled: pulumi.Output<unknown>, report: Report): void {
      unsettled.set(name, report);
      settled.apply(() => {
        unsettled.delete(name);
        return endIfStuck();
      });
    },

    /**
     * To be called when the engine gets a build of an image. Returns a function to be called when it has ended. A build
     * that is given up leaves its place to the next.
     */
    begin(name: string, leave = (): void => undefined): () => void {
      const build = Symbol(name);
      const ended = Promise.withResolvers<undefined>();
      void limit(async () => {
        const timer = setTimeout(() => void giveUp(build, name, leave), seconds * 1000);
        // A build whose engine has given up never ends, and must not keep this process.
        timer.unref();
        await ended.promise;
        clearTimeout(timer);
      });
      return () => {
        overdue.delete(build);
        ended.resolve(undefined);
      };
    },
  };
}

export type BuildTimeouts = ReturnType<typeof buildTimeouts>;

/** How many builds the engine runs at once: `--parallel`, or its default. The SDK's `cmd/run` passes it on. */
export function parallelism(): number {
  const given = Number(process.env['PULUMI_NODEJS_PARALLEL']);
  return given >= 1 ? given : Infinity;
}
