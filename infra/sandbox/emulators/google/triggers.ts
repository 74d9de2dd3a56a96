import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { checkBuildStarter, type Identities } from './identities.ts';
import { parseBody } from './message-json.ts';
import { checkLocation } from './projects.ts';
import { openResources, type World } from './resources.ts';
import { route, type Route } from './router.ts';
import { openCollection } from './store.ts';

/** google.devtools.cloudbuild.v1.BuildTrigger. How to build is kept as it came: nothing is built. */
const Trigger = z
  .strictObject({
    id: z.string(),
    resourceName: z.string(),
    createTime: z.string(),
    name: z.string(),
    description: z.string(),
    filename: z.string(),
    substitutions: z.record(z.string(), z.string()),
  })
  .partial();
type Trigger = z.infer<typeof Trigger>;

/** google.devtools.cloudbuild.v1.RunBuildTriggerRequest. */
const RunRequest = z.strictObject({ source: z.looseObject({}).optional() });

const StartedBuild = z.object({
  /** `projects/P/locations/L/triggers/NAME`. */
  trigger: z.string(),
  /** The service account that started it, or `owner`. */
  by: z.string(),
  /** RFC 3339. */
  time: z.string(),
});

const COLLECTION = 'projects/{project}/locations/{location}/triggers';

/**
 * Cloud Build v1, as far as a schedule needs it: triggers, and `GET /emulator/v1/builds` for what they
 * started, oldest first. Nothing is built: a build stays in the queue, and its operation can't be read.
 */
export function triggerRoutes(world: World, identities: Identities): Route[] {
  const started = openCollection(world.folder, 'builds', StartedBuild);
  const triggers = openResources<Trigger>(
    {
      collection: COLLECTION,
      parameter: 'trigger',
      file: 'triggers',
      message: Trigger,
      field: 'trigger',
      mutable: ['description', 'filename', 'substitutions'],
      initial({ name: id }, name, createTime) {
        const uuid = randomUUID();
        const resourceName = `${name.slice(0, name.lastIndexOf('/'))}/${uuid}`;
        return { name: id, id: uuid, resourceName, createTime };
      },
      id: {
        pattern: /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,62}[A-Za-z0-9])?$/,
        rule: '1 to 64 letters, digits and hyphens, no hyphen at either end',
      },
      idOf: ({ name = '' }) => name,
      checkNew(name) {
        if (!name.includes('/locations/global/')) checkLocation(name, { multiRegions: false });
      },
    },
    world,
  );

  function start(parent: string, { id: buildTriggerId, name = '' }: Trigger, by: string): object {
    const [, projectId] = parent.split('/');
    const time = world.clock.timestamp();
    const [last = '0'] = started.entries().at(-1) ?? [];
    // Padded, so that it sorts as the number does.
    const key = String(Number(last) + 1).padStart(12, '0');
    started.set(key, { trigger: `${parent}/triggers/${name}`, by, time });
    const id = randomUUID();
    return {
      name: `${parent}/operations/${Buffer.from(id).toString('base64url')}`,
      metadata: {
        '@type': 'type.googleapis.com/google.devtools.cloudbuild.v1.BuildOperationMetadata',
        build: { id, projectId, buildTriggerId, status: 'QUEUED', createTime: time },
      },
    };
  }

  return [
    route(
      'POST',
      `v1/${COLLECTION}/{trigger}:run`,
      ({ name, params: { project }, body, token }) => {
        parseBody(RunRequest, body);
        const by = checkBuildStarter(identities, token, project);
        return start(name.split('/').slice(0, 4).join('/'), triggers.find(name), by);
      },
    ),
    ...triggers.routes,
    route('GET', 'emulator/v1/builds', () => ({
      builds: started.entries().map(([, build]) => build),
    })),
  ];
}
