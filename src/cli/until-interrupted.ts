import process from 'node:process';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Thrown when whoever started a command wants its end. The message is ready to print. */
export class InterruptedError extends Error {
  override readonly name = 'InterruptedError';
}

/**
 * Does some work that ends early, and cleans up, when this process is told to end: `signal` aborts
 * then, with an InterruptedError.
 */
export async function untilInterrupted<Result>(
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const controller = new AbortController();
  const interrupt = (name: NodeJS.Signals) => {
    controller.abort(new InterruptedError(`interrupted by ${name}`));
  };
  for (const name of SIGNALS) process.on(name, interrupt);
  try {
    return await work(controller.signal);
  } finally {
    for (const name of SIGNALS) process.off(name, interrupt);
  }
}
