import { IAMMember as ProjectMember } from '@pulumi/gcp/projects/iammember.js';
import { Account } from '@pulumi/gcp/serviceaccount/account.js';
import { IAMMember as AccountMember } from '@pulumi/gcp/serviceaccount/iammember.js';
import type pulumi from '@pulumi/pulumi';
import type { PipelineRole } from '../../src/settings/pipeline-roles.ts';
import { serviceAccountEmail } from '../../src/settings/google-names.ts';
import { afterwards } from '../engine/afterwards.ts';
import { reportFailureOnce } from '../engine/report-failure-once.ts';

/** Who may become an account. */
export interface AccountUser {
  /** Tells the grant from others of the account. */
  readonly value: string;
  /** As IAM writes it. */
  readonly member: pulumi.Output<string>;
}

/**
 * Declares a service account with its roles in the project, and who may become it. Returns its e-mail
 * address. One that was made by hand is taken, since `writers` may have named it before; it stays when it is
 * no longer declared, without roles and users.
 */
export function pipelineAccount(
  { accountId, title, roles }: PipelineRole,
  { project, users }: { readonly project: string; readonly users: readonly AccountUser[] },
  options: pulumi.CustomResourceOptions,
): string {
  const email = serviceAccountEmail(accountId, project);
  const account = new Account(
    accountId,
    { project, accountId, displayName: title, createIgnoreAlreadyExists: true },
    { ...options, retainOnDelete: true },
  );
  reportFailureOnce(account);
  const settled = { ...options, dependsOn: afterwards(account) };
  const member = `serviceAccount:${email}`;
  for (const role of roles) {
    const name = `${accountId}-${role.replace(/^roles\//, '')}`;
    reportFailureOnce(new ProjectMember(name, { project, role, member }, settled));
  }
  const serviceAccountId = `projects/${project}/serviceAccounts/${email}`;
  const role = 'roles/iam.workloadIdentityUser';
  for (const user of users) {
    const args = { serviceAccountId, role, member: user.member };
    const name = `${accountId}-${user.value}`;
    reportFailureOnce(new AccountMember(name, args, settled));
  }
  return email;
}
