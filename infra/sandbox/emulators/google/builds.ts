import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Clock } from './clock.ts';
import { route, type Route } from './router.ts';
import { openCollection } from './store.ts';

const StartedBuild = z.object({
  /** `projects/P/locations/L/triggers/NAME`. */
  trigger: z.string(),
  /** The service account that started it, or `owner`. */
  by: z.string(),
  /** RFC 3339. */
  time: z.string(),
});

/** How many are remembered. */
const MOST_BUILDS = 200;
const METADATA = 'type.googleapis.com/google.devtools.cloudbuild.v1.BuildOperationMetadata';

/** A run of a trigger. */
export interface TriggerRun {
  readonly project: string;
  readonly location: string;
  /** The trigger's. */
  readonly id: string;
  readonly name: string;
  readonly by: string;
}

export interface Builds {
  /** Writes a build down and answers as Cloud Build does: an operation, the build in its metadata. */
  start(run: TriggerRun): object;
  readonly routes: readonly Route[];
}

/**
 * The builds that triggers started, kept in `folder`, oldest first at `GET /emulator/v1/builds`.
 * Nothing is built: a build stays in the queue, and its operation can't be asked for.
 */
export function openBuilds(folder: string, clock: Clock): Builds {
  const started = openCollection(folder, 'builds', StartedBuild);
  return {
    start({ project, location, id: buildTriggerId, name, by }) {
      const time = clock.timestamp();
      const parent = `projects/${project}/locations/${location}`;
      const [last = '0'] = started.entries().at(-1) ?? [];
      started.set(keyOf(Number(last) + 1), { trigger: `${parent}/triggers/${name}`, by, time });
      for (const [key] of started.entries().slice(0, -MOST_BUILDS)) started.delete(key);
      const id = randomUUID();
      const build = {
        name: `${parent}/builds/${id}`,
        id,
        projectId: project,
        buildTriggerId,
        status: 'QUEUED',
        createTime: time,
      };
      const operation = `${parent}/operations/${Buffer.from(id).toString('base64url')}`;
      return { name: operation, metadata: { '@type': METADATA, build } };
    },
    routes: [
      route('GET', 'emulator/v1/builds', () => ({
        builds: started.entries().map(([, build]) => build),
      })),
    ],
  };
}

/** Sorts as the number does. */
function keyOf(number: number): string {
  return String(number).padStart(12, '0');
}
