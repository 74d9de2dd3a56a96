import { z } from 'zod';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { readJsonFile, writeIfChanged } from '../../text-file.ts';

/** A pipeline, with the fields of GitLab's Pipelines API that are needed here. */
export const Pipeline = z.object({
  id: z.number(),
  project_id: z.number(),
  /** The branch. */
  ref: z.string(),
  /** The commit of the branch when the pipeline was created. */
  sha: z.string(),
  source: z.literal('trigger'),
  status: z.enum(['created', 'running', 'success', 'failed', 'canceled']),
  /** ISO 8601. */
  created_at: z.string(),
  updated_at: z.string(),
  /** The address of its log. */
  web_url: z.string(),
});
export type Pipeline = z.infer<typeof Pipeline>;

/** The only project. */
export const PROJECT_ID = 1;

/** Older pipelines are removed. */
const MOST_PIPELINES = 20;

/** Pipelines with their logs, each in a folder `<id>`. */
export interface PipelineStore {
  /** Oldest first. */
  all(): readonly Pipeline[];
  create(run: Pick<Pipeline, 'ref' | 'sha'>, origin: string): Pipeline;
  /** Records the status of a pipeline. */
  setStatus(id: number, status: Pipeline['status']): void;
  folderOf(id: number): string;
}

/** The pipelines in `folder`. A pipeline that ran when the emulator ended counts as canceled. */
export function openPipelines(folder: string): PipelineStore {
  const folderOf = (id: number) => join(folder, String(id));
  const fileOf = (id: number) => join(folderOf(id), 'pipeline.json');
  const write = (pipeline: Pipeline) => {
    writeIfChanged(fileOf(pipeline.id), `${JSON.stringify(pipeline, null, 2)}\n`);
  };
  const known = new Map(readAll(folder).map((pipeline) => [pipeline.id, pipeline]));
  const setStatus = (id: number, status: Pipeline['status']) => {
    const pipeline = known.get(id);
    if (pipeline === undefined) throw new Error(`there is no pipeline ${id}`);
    const changed = { ...pipeline, status, updated_at: new Date().toISOString() };
    known.set(id, changed);
    write(changed);
  };
  for (const { id, status } of known.values()) {
    if (status === 'created' || status === 'running') setStatus(id, 'canceled');
  }
  return {
    all: () => [...known.values()],
    create(run, origin) {
      const id = Math.max(0, ...known.keys()) + 1;
      const now = new Date().toISOString();
      const pipeline: Pipeline = {
        ...run,
        id,
        project_id: PROJECT_ID,
        source: 'trigger',
        status: 'created',
        created_at: now,
        updated_at: now,
        web_url: `${origin}/pipelines/${id}`,
      };
      known.set(id, pipeline);
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
  const ids = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && /^\d+$/.test(entry.name))
    .map(({ name }) => name);
  return ids
    .flatMap((id) => {
      const parsed = Pipeline.safeParse(readJsonFile(join(folder, id, 'pipeline.json')));
      return parsed.success ? [parsed.data] : [];
    })
    .toSorted((a, b) => a.id - b.id);
}

/** Runs pipelines one at a time, in the order in which they come. */
export interface PipelineQueue {
  add(pipeline: Pipeline): void;
  /** Ends the running pipeline, begins no other, and waits. */
  close(): Promise<void>;
}

/** Returns whether the pipeline succeeded. Ends early once `stop` is aborted. */
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
