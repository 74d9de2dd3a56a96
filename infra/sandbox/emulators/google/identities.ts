import { emailOf } from './access-token.ts';
import { ApiError } from './api-error.ts';
import { IamPolicy } from './iam-policy.ts';
import { Role } from './role.ts';
import { Account } from './service-account.ts';
import { openCollection, type Collection } from './store.ts';

/** Who there is in the projects, and what they may do there. */
export interface Identities {
  /** By address. */
  readonly accounts: Collection<Account>;
  /** Custom ones, by name. */
  readonly roles: Collection<Role>;
  /** By the id of the project. */
  readonly projectPolicies: Collection<IamPolicy>;
}

/** The identities that are kept in `folder`. */
export function openIdentities(folder: string): Identities {
  return {
    accounts: openCollection(folder, 'service-accounts', Account),
    roles: openCollection(folder, 'roles', Role),
    projectPolicies: openCollection(folder, 'project-iam', IamPolicy),
  };
}

/** A permission, and Google's own roles that have it. */
export interface Permission {
  readonly name: string;
  readonly predefinedRoles: readonly string[];
}

/**
 * Refuses (PERMISSION_DENIED) a service account that is not there, is disabled, or that no role of
 * the project's policy gives the permission. Whoever else has a token may do everything. A binding
 * with a condition gives nothing: the emulator does not evaluate conditions.
 *
 * @param token the caller's access token
 * @returns the account's address; `owner` for anybody else
 */
export function checkPermission(
  { accounts, roles, projectPolicies }: Identities,
  token: string | undefined,
  project: string,
  { name, predefinedRoles }: Permission,
): string {
  const email = emailOf(token ?? '');
  if (email === undefined) return 'owner';
  const account = accounts.get(email);
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
