import { randomUUID } from 'node:crypto';
import { ApiError, notFound } from './api-error.ts';
import type { Builds } from './builds.ts';
import type { Clock } from './clock.ts';
import { checkPermission, type Identities } from './identities.ts';
import { checkLocation } from './locations.ts';
import { page, PAGE_PARAMETERS } from './page.ts';
import { parseBody } from './parse-body.ts';
import { checkProject } from './projects.ts';
import { route, type Route } from './router.ts';
import { openCollection } from './store.ts';
import { checkName, checkSource, RepoSource, RunRequest, Trigger } from './trigger.ts';

/** Without a location, it is the one of global triggers; such a run has its source as the body. */
const PARENTS = ['projects/{project}/locations/{location}', 'projects/{project}'] as const;
const GLOBAL = 'global';
const RUN = {
  name: 'cloudbuild.builds.create',
  predefinedRoles: ['roles/cloudbuild.builds.editor', 'roles/editor', 'roles/owner'],
};

interface Parent {
  readonly project: string;
  readonly location?: string;
}

interface Place extends Parent {
  /** The trigger's id or its name. */
  readonly trigger: string;
}

/** What the triggers of Cloud Build need. */
export interface CloudBuild {
  /** Where they are kept. */
  readonly folder: string;
  readonly clock: Clock;
  readonly identities: Identities;
  readonly builds: Builds;
}

/** Cloud Build v1, as far as a schedule needs it: triggers, and builds that start and never end. */
export function triggerRoutes({ folder, clock, identities, builds }: CloudBuild): Route[] {
  const triggers = openCollection(folder, 'triggers', Trigger);
  const within = (parent: Parent) =>
    triggers.entries().filter(([name]) => name.startsWith(nameOf({ ...parent, trigger: '' })));
  const find = ({ trigger, ...parent }: Place) => {
    const found = within(parent).find(([, { id, name }]) => id === trigger || name === trigger);
    if (found === undefined) throw notFound();
    return found;
  };
  const create = (parent: Parent, body: unknown) => {
    checkParent(parent);
    const id = randomUUID();
    const { name = `trigger-${id.slice(0, 8)}`, ...rest } = parseBody(Trigger, body, 'trigger');
    checkName(name);
    if (within(parent).some(([, other]) => other.name === name)) {
      throw new ApiError('ALREADY_EXISTS', `trigger "${name}" already exists`);
    }
    const resourceName = nameOf({ ...parent, trigger: id });
    const trigger = { ...rest, name, id, resourceName, createTime: clock.timestamp() };
    triggers.set(resourceName, trigger);
    return trigger;
  };
  const run = (place: Place, token: string | undefined) => {
    const by = checkPermission(identities, token, place.project, RUN);
    const [, { name = '', id = '' }] = find(place);
    return builds.start({ ...place, location: locationOf(place), id, name, by });
  };
  return [
    route('POST', `v1/${PARENTS[0]}/triggers/{trigger}:run`, ({ params, body, token }) => {
      checkSource(parseBody(RunRequest, body).source);
      return run(params, token);
    }),
    route('POST', `v1/${PARENTS[1]}/triggers/{trigger}:run`, ({ params, body, token }) => {
      checkSource(parseBody(RepoSource, body, 'source'));
      return run(params, token);
    }),
    ...PARENTS.flatMap((parent) => [
      route('POST', `v1/${parent}/triggers`, ({ params, body }) => create(params, body)),
      route(
        'GET',
        `v1/${parent}/triggers`,
        ({ params, query }) => {
          const { items, ...more } = page(within(params), query);
          return { triggers: items.map(([, trigger]) => trigger), ...more };
        },
        PAGE_PARAMETERS,
      ),
      route('GET', `v1/${parent}/triggers/{trigger}`, ({ params }) => find(params)[1]),
      route('DELETE', `v1/${parent}/triggers/{trigger}`, ({ params }) => {
        triggers.delete(find(params)[0]);
        return {};
      }),
    ]),
  ];
}

function locationOf({ location }: Parent): string {
  return location ?? GLOBAL;
}

function nameOf({ trigger, ...parent }: Place): string {
  return `projects/${parent.project}/locations/${locationOf(parent)}/triggers/${trigger}`;
}

function checkParent(parent: Parent): void {
  checkProject(parent.project);
  const location = locationOf(parent);
  if (location !== GLOBAL) checkLocation(location, { multiRegions: false });
}
