import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { ApiError } from './api-error.ts';
import type { IamPolicy } from './iam-policy.ts';
import { emailOf, type openAccounts, type openRoles } from './identities.ts';
import { openResources, type World } from './resources.ts';
import { route, type Route } from './router.ts';
import type { Collection } from './store.ts';

/** google.devtools.cloudbuild.v1.BuildTrigger, without how to build: nothing is built. */
const Trigger = z
  .strictObject({
    name: z.string(),
    id: z.string(),
    description: z.string(),
    createTime: z.string(),
  })
  .partial();
type Trigger = z.infer<typeof Trigger>;

const PATH = 'projects/{project}/locations/{location}/triggers/{trigger}';

/**
 * Cloud Build v1, as far as a schedule needs it: triggers, and `GET /emulator/v1/builds` for what they
 * started since the emulator's start, oldest first. Nothing is built: a build stays in the queue, and its
 * operation can't be read.
 */
export function triggerRoutes(world: World, identities: Identities): Route[] {
  /** `by` is the service account that started it, or `owner`. */
  const builds: { trigger: string; by: string; time: string }[] = [];
  const triggers = openResources<Trigger>(
    {
      path: PATH,
      file: 'triggers',
      message: Trigger,
      mutable: ['description'],
      initial: ({ name }, _, createTime) => ({ name, id: randomUUID(), createTime }),
      id: {
        pattern: /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,62}[A-Za-z0-9])?$/,
        rule: '1 to 64 letters, digits and hyphens, no hyphen at either end',
      },
      idOf: ({ name = '' }) => name,
    },
    world,
  );
  const run = route('POST', `v1/${PATH}:run`, ({ name, params, token }) => {
    const { project: projectId = '' } = params;
    const by = checkBuildStarter(identities, projectId, token);
    const { id: buildTriggerId } = triggers.find(name);
    const createTime = world.clock.timestamp();
    builds.push({ trigger: name, by, time: createTime });
    const id = randomUUID();
    return {
      name: name.replace(/triggers\/.*/, `operations/${Buffer.from(id).toString('base64url')}`),
      metadata: {
        '@type': 'type.googleapis.com/google.devtools.cloudbuild.v1.BuildOperationMetadata',
        build: { id, projectId, buildTriggerId, status: 'QUEUED', createTime },
      },
    };
  });
  return [run, ...triggers.routes, route('GET', 'emulator/v1/builds', () => ({ builds }))];
}

/** The accounts of the projects, and their rights. */
interface Identities {
  readonly accounts: ReturnType<typeof openAccounts>;
  readonly roles: ReturnType<typeof openRoles>;
  /** By the id of the project. */
  readonly projectPolicies: Collection<IamPolicy>;
}

/** The permission that starts builds, and Google's own roles that have it. */
const START_BUILDS = 'cloudbuild.builds.create';
const BUILD_STARTERS = ['roles/cloudbuild.builds.editor', 'roles/editor', 'roles/owner'];

/**
 * Rejects (PERMISSION_DENIED) a service account that may not start builds: it does not exist, is
 * disabled, or no role of the project's policy gives it the permission. A binding with a condition
 * gives nothing: the emulator does not evaluate conditions. Any other caller may do everything.
 *
 * @param token the caller's access token
 * @returns the account's address; `owner` for any other caller
 */
function checkBuildStarter(
  { accounts, roles, projectPolicies }: Identities,
  project: string,
  token = '',
): string {
  const email = emailOf(token);
  if (email === undefined) return 'owner';
  const account = accounts.get(`projects/-/serviceAccounts/${email}`);
  /** A deleted or disabled custom role is still in the policy, but gives nothing. */
  const grants = (name: string) => {
    const role = roles.get(name);
    const isInForce = role?.deleted !== true && role?.stage !== 'DISABLED';
    const isGranted = isInForce && role?.includedPermissions?.includes(START_BUILDS) === true;
    return isGranted || BUILD_STARTERS.includes(name);
  };
  const isGranted = projectPolicies
    .get(project)
    ?.bindings?.some(
      ({ role, members = [], condition }) =>
        condition === undefined && members.includes(`serviceAccount:${email}`) && grants(role),
    );
  if (account !== undefined && account.disabled !== true && isGranted === true) return email;
  throw new ApiError('PERMISSION_DENIED', 'The caller does not have permission');
}
