import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { readJsonFile, writeIfChanged } from '../../text-file.ts';

/** A pipeline, with the fields of GitLab's Pipelines API that are needed here. */
const Pipeline = z.object({
  id: z.number(),
  project_id: z.number(),
  /** The branch. */
  ref: z.string(),
  /** The commit of the branch when the pipeline was created. */
  sha: z.string(),
  source: z.literal('trigger'),
  status: z.enum(['created', 'running', 'success', 'failed', 'canceled']),
  /** The address of its log. */
  web_url: z.string(),
});
export type Pipeline = z.infer<typeof Pipeline>;

/** The only project. */
export const PROJECT_ID = 1;

/** Older pipelines are removed. */
const MOST_PIPELINES = 20;

export type PipelineStore = ReturnType<typeof openPipelines>;

/**
 * The pipelines in `folder` with their logs, each in a folder `<id>`. A pipeline that ran when the emulator
 * ended counts as canceled.
 */
export function openPipelines(folder: string) {
  const known = new Map(readAll(folder).map((pipeline) => [pipeline.id, pipeline]));
  const folderOf = (id: number) => join(folder, String(id));
  const write = (pipeline: Pipeline) => {
    known.set(pipeline.id, pipeline);
    const text = `${JSON.stringify(pipeline, null, 2)}\n`;
    writeIfChanged(join(folderOf(pipeline.id), 'pipeline.json'), text);
  };
  const setStatus = (pipeline: Pipeline, status: Pipeline['status']) => {
    write({ ...pipeline, status });
  };
  for (const pipeline of known.values()) {
    if (['created', 'running'].includes(pipeline.status)) setStatus(pipeline, 'canceled');
  }
  return {
    /** Oldest first. */
    all: () => [...known.values()],
    create(run: Pick<Pipeline, 'ref' | 'sha'>, origin: string): Pipeline {
      const id = Math.max(0, ...known.keys()) + 1;
      const pipeline: Pipeline = {
        ...run,
        id,
        project_id: PROJECT_ID,
        source: 'trigger',
        status: 'created',
        web_url: `${origin}/pipelines/${id}`,
      };
      write(pipeline);
      for (const old of [...known.keys()].slice(0, -MOST_PIPELINES)) {
        known.delete(old);
        rmSync(folderOf(old), { recursive: true, force: true });
      }
      return pipeline;
    },
    setStatus,
    folderOf,
  };
}

function readAll(folder: string): readonly Pipeline[] {
  const names = readdirSync(folder).filter((name) => /^\d+$/.test(name));
  return names
    .map((name) => Pipeline.safeParse(readJsonFile(join(folder, name, 'pipeline.json'))).data)
    .filter((pipeline) => pipeline !== undefined)
    .toSorted((a, b) => a.id - b.id);
}

/** Returns whether the pipeline succeeded. Ends early once `stop` is aborted. */
export type Run = (pipeline: Pipeline, stop: AbortSignal) => Promise<boolean>;

export type PipelineQueue = ReturnType<typeof createQueue>;

/** Runs pipelines one at a time, in the order in which they come. */
export function createQueue(store: PipelineStore, run: Run) {
  const closing = new AbortController();
  const isClosing = () => closing.signal.aborted;
  let last = Promise.resolve();
  const work = async (pipeline: Pipeline) => {
    if (isClosing()) return;
    store.setStatus(pipeline, 'running');
    const succeeded = await run(pipeline, closing.signal).catch((error: unknown) => {
      console.error(error);
      return false;
    });
    const ended = succeeded ? 'success' : 'failed';
    store.setStatus(pipeline, isClosing() ? 'canceled' : ended);
  };
  return {
    add(pipeline: Pipeline) {
      last = last.then(() => work(pipeline)).catch(console.error);
    },
    /** Ends the running pipeline, begins no other, and waits. */
    async close() {
      closing.abort();
      await last;
    },
  };
}
