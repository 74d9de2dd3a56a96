import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { parseBody } from './message-json.ts';
import { checkPermission, type Identities } from './permissions.ts';
import { checkLocation } from './projects.ts';
import { openResources, type World } from './resources.ts';
import { route, type Route } from './router.ts';
import { openCollection } from './store.ts';

const Message = z.looseObject({});
const Substitutions = z.record(z.string(), z.string());

/** How to build. It is kept as it came: the emulator builds nothing. */
const BUILD_FIELDS = {
  description: z.string(),
  disabled: z.boolean(),
  filename: z.string(),
  substitutions: Substitutions,
  build: Message,
  gitFileSource: Message,
  sourceToBuild: Message,
};

/** google.devtools.cloudbuild.v1.BuildTrigger. */
const Trigger = z
  .strictObject({
    id: z.string(),
    resourceName: z.string(),
    createTime: z.string(),
    name: z.string(),
    ...BUILD_FIELDS,
  })
  .partial();
type Trigger = z.infer<typeof Trigger>;

/** google.devtools.cloudbuild.v1.RunBuildTriggerRequest. */
const RunRequest = z
  .strictObject({
    projectId: z.string(),
    triggerId: z.string(),
    source: z
      .strictObject({
        projectId: z.string(),
        repoName: z.string(),
        branchName: z.string(),
        tagName: z.string(),
        commitSha: z.string(),
        dir: z.string(),
        substitutions: Substitutions,
      })
      .partial(),
  })
  .partial();

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
const COLLECTION = 'projects/{project}/locations/{location}/triggers';
const RUN = {
  name: 'cloudbuild.builds.create',
  predefinedRoles: ['roles/cloudbuild.builds.editor', 'roles/editor', 'roles/owner'],
};

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
      mutable: [],
      immutable: Object.keys(BUILD_FIELDS) as (keyof typeof BUILD_FIELDS)[],
      initial(_, name) {
        const [id, parts] = [randomUUID(), name.split('/')];
        const resourceName = [...parts.slice(0, -1), id].join('/');
        return { name: parts.at(-1), id, resourceName };
      },
      id: {
        pattern: /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,62}[A-Za-z0-9])?$/,
        rule: '1 to 64 letters, digits and hyphens, no hyphen at either end',
      },
      idOf: ({ name = `trigger-${randomUUID().slice(0, 8)}` }) => name,
      // A trigger is found by its id, too.
      key(name, stored) {
        const parent = name.slice(0, name.lastIndexOf('/') + 1);
        const isNamed = (key: string, trigger: Trigger) =>
          trigger.resourceName === name ||
          (key.startsWith(parent) && `${parent}${trigger.name ?? ''}` === name);
        return stored.entries().find((entry) => isNamed(...entry))?.[0] ?? name;
      },
      checkNew(name) {
        if (!name.includes('/locations/global/')) checkLocation(name, { multiRegions: false });
      },
      createTime: 'createTime',
      view: (_, trigger) => trigger,
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
    for (const [old] of started.entries().slice(0, -MOST_BUILDS)) started.delete(old);
    const id = randomUUID();
    const status = 'QUEUED';
    const about = { name: `${parent}/builds/${id}`, id, projectId, buildTriggerId };
    return {
      name: `${parent}/operations/${Buffer.from(id).toString('base64url')}`,
      metadata: {
        '@type': 'type.googleapis.com/google.devtools.cloudbuild.v1.BuildOperationMetadata',
        build: { ...about, status, createTime: time },
      },
    };
  }

  return [
    route(
      'POST',
      `v1/${COLLECTION}/{trigger}:run`,
      ({ name, params: { project }, body, token }) => {
        parseBody(RunRequest, body);
        const by = checkPermission(identities, token, project, RUN);
        return start(name.split('/').slice(0, 4).join('/'), triggers.find(name), by);
      },
    ),
    ...triggers.routes,
    route('GET', 'emulator/v1/builds', () => ({
      builds: started.entries().map(([, build]) => build),
    })),
  ];
}
