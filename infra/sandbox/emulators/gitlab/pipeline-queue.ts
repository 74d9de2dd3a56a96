import type { PipelineStore } from './pipeline-store.ts';
import type { Pipeline } from './pipeline.ts';

/** Runs pipelines one at a time, in the order in which they come. */
export interface PipelineQueue {
  add(pipeline: Pipeline): void;
  /** Ends the one at work, begins no other, and waits. */
  close(): Promise<void>;
}

/** Returns whether the pipeline succeeded; told to stop, it ends early and soon. */
export type Run = (pipeline: Pipeline, stop: AbortSignal) => Promise<boolean>;

export function createQueue(store: PipelineStore, run: Run): PipelineQueue {
  const closing = new AbortController();
  const isClosing = () => closing.signal.aborted;
  let last = Promise.resolve();
  const work = async (pipeline: Pipeline) => {
    if (isClosing()) return;
    store.setStatus(pipeline.id, 'running');
    const succeeded = await run(pipeline, closing.signal).catch(failedBy);
    const ended = succeeded ? 'success' : 'failed';
    store.setStatus(pipeline.id, isClosing() ? 'canceled' : ended);
  };
  return {
    add(pipeline) {
      last = last.then(() => work(pipeline)).catch(console.error);
    },
    async close() {
      closing.abort();
      await last;
    },
  };
}

function failedBy(error: unknown): false {
  console.error(error);
  return false;
}
