import { createHash } from 'node:crypto';
import { z } from 'zod';
import { ApiError } from './api-error.ts';
import { textUpTo } from './field-types.ts';
import type { IamPolicy } from './iam-policy.ts';
import { openResources, type Resources, type World } from './resources.ts';
import { route, type Route } from './router.ts';
import type { Collection } from './store.ts';

/** Who there is in the projects, and who may do what there. */
export interface Identities {
  readonly accounts: Resources<Account>;
  readonly roles: Resources<Role>;
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
export function checkBuildStarter(
  { accounts, roles, projectPolicies }: Identities,
  token: string | undefined,
  project: string,
): string {
  const email = emailOf(token ?? '');
  if (email === undefined) return 'owner';
  const account = accounts.get(`projects/${project}/serviceAccounts/${email}`);
  const isActive = account !== undefined && account.disabled !== true;
  const grants = (role: string) =>
    BUILD_STARTERS.includes(role) || includes(roles.get(role), START_BUILDS);
  const isGranted = (projectPolicies.get(project)?.bindings ?? []).some(
    ({ role, members = [], condition }) =>
      condition === undefined && members.includes(`serviceAccount:${email}`) && grants(role),
  );
  if (isActive && isGranted) return email;
  throw new ApiError('PERMISSION_DENIED', 'The caller does not have permission');
}

/** A deleted or disabled role is still in the policy, but gives nothing. */
function includes(role: Role | undefined, permission: string): boolean {
  if (role === undefined || role.deleted === true || role.stage === 'DISABLED') return false;
  return role.includedPermissions?.includes(permission) === true;
}

const PREFIX = 'emulated-access-token-of-';

/** An access token that names a service account. Nothing but the emulator accepts it. */
export function accessTokenOf(email: string): string {
  return `${PREFIX}${email}`;
}

/** The service account that a token is of; `undefined` for a token from elsewhere. */
function emailOf(token: string): string | undefined {
  return token.startsWith(PREFIX) ? token.slice(PREFIX.length) : undefined;
}

/** google.iam.admin.v1.ServiceAccount. */
const Account = z
  .strictObject({
    name: z.string(),
    projectId: z.string(),
    uniqueId: z.string(),
    email: z.string(),
    displayName: textUpTo(100),
    description: textUpTo(256),
    etag: z.string(),
    oauth2ClientId: z.string(),
    disabled: z.boolean(),
  })
  .partial();
type Account = z.infer<typeof Account>;

const ONE = 'v1/projects/{project}/serviceAccounts/{account}';

/** IAM's service accounts, by address, and who may use them. */
export function openAccounts(world: World): Resources<Account> {
  const accounts = openResources<Account>(
    {
      collection: 'projects/{project}/serviceAccounts',
      parameter: 'account',
      file: 'service-accounts',
      message: Account,
      field: 'serviceAccount',
      listField: 'accounts',
      mutable: ['displayName', 'description'],
      initial(_, name) {
        const [, projectId = '', , email = ''] = name.split('/');
        const id = createHash('sha256').update(email).digest().readBigUInt64BE(0);
        const uniqueId = `1${String(id).padStart(20, '0')}`;
        return { name, projectId, uniqueId, email, oauth2ClientId: uniqueId };
      },
      id: {
        pattern: /^[a-z](?:[a-z0-9-]{4,28}[a-z0-9])$/,
        rule: '6 to 30 lower-case letters, digits and hyphens, a letter first and no hyphen at the end',
      },
      nameOf(collection, id) {
        const [, project = ''] = collection.split('/');
        return `${collection}/${id}@${project}.iam.gserviceaccount.com`;
      },
      // The project of a name may be "-": the address says which it is.
      key: (name) => name.split('/').at(-1) ?? '',
      belongsTo: ({ projectId }, collection) => projectId === collection.split('/')[1],
      createRequest: z
        .strictObject({ accountId: z.string().optional(), serviceAccount: Account.optional() })
        .transform(({ accountId: id, serviceAccount: message = {} }) => ({ id, message })),
      patchRequest: z
        .strictObject({ serviceAccount: Account.optional(), updateMask: z.string().optional() })
        .transform(({ serviceAccount: message = {}, updateMask }) => ({ message, updateMask })),
      hasEtag: true,
      policies: { file: 'service-account-iam', method: 'POST' },
    },
    world,
  );
  const setDisabled = (verb: string, disabled: true | undefined): Route =>
    route('POST', `${ONE}:${verb}`, ({ name }) => {
      accounts.update(name, { disabled });
      return {};
    });
  const verbs = [setDisabled('disable', true), setDisabled('enable', undefined)];
  return { ...accounts, routes: [...verbs, ...accounts.routes] };
}

const PERMISSION = /^[a-z][A-Za-z0-9]*(?:\.[A-Za-z0-9]+){2,}$/;

/** google.iam.admin.v1.Role. */
const Role = z
  .strictObject({
    name: z.string(),
    title: textUpTo(100),
    description: textUpTo(300),
    includedPermissions: z.array(z.string().regex(PERMISSION, 'service.resource.verb')),
    stage: z.enum(['ALPHA', 'BETA', 'GA', 'DEPRECATED', 'DISABLED', 'EAP']),
    etag: z.string(),
    deleted: z.boolean(),
  })
  .partial();
type Role = z.infer<typeof Role>;

/** The projects' custom roles. A deleted one can still be read, and be undeleted. */
export function openRoles(world: World): Resources<Role> {
  return openResources<Role>(
    {
      collection: 'projects/{project}/roles',
      parameter: 'role',
      file: 'roles',
      message: Role,
      field: 'role',
      mutable: ['title', 'description', 'includedPermissions', 'stage'],
      initial: ({ stage = 'ALPHA' }) => ({ stage }),
      id: {
        pattern: /^[A-Za-z0-9_.]{3,64}$/,
        rule: '3 to 64 letters, digits, underscores and periods',
      },
      createRequest: z
        .strictObject({ roleId: z.string().optional(), role: Role.optional() })
        .transform(({ roleId: id, role: message = {} }) => ({ id, message })),
      hasEtag: true,
      softDelete: { deleted: { deleted: true }, undeleted: { deleted: undefined } },
    },
    world,
  );
}
