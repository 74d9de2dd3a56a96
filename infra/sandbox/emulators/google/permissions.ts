import { ApiError } from './api-error.ts';
import type { IamPolicy } from './iam-policy.ts';
import type { Resources } from './resources.ts';
import type { Role } from './roles.ts';
import type { Account } from './service-accounts.ts';
import type { Collection } from './store.ts';

/** Who there is in the projects, and who may do what there. */
export interface Identities {
  readonly accounts: Resources<Account>;
  readonly roles: Resources<Role>;
  /** By the id of the project. */
  readonly projectPolicies: Collection<IamPolicy>;
}

/** A permission, and Google's own roles that have it. */
export interface Permission {
  readonly name: string;
  readonly predefinedRoles: readonly string[];
}

/**
 * Rejects (PERMISSION_DENIED) a service account that does not exist, is disabled, or has the
 * permission from no role of the project's policy. Any other caller with a token may do everything. A
 * binding with a condition gives nothing: the emulator does not evaluate conditions.
 *
 * @param token the caller's access token
 * @returns the account's address; `owner` for any other caller
 */
export function checkPermission(
  { accounts, roles, projectPolicies }: Identities,
  token: string | undefined,
  project: string,
  { name, predefinedRoles }: Permission,
): string {
  const email = emailOf(token ?? '');
  if (email === undefined) return 'owner';
  const account = accounts.get(`projects/${project}/serviceAccounts/${email}`);
  const isActive = account !== undefined && account.disabled !== true;
  const grants = (role: string) =>
    predefinedRoles.includes(role) || includes(roles.get(role), name);
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
