import { WorkloadIdentityPool } from '@pulumi/gcp/iam/workloadIdentityPool.js';
import { WorkloadIdentityPoolProvider } from '@pulumi/gcp/iam/workloadIdentityPoolProvider.js';
import pulumi from '@pulumi/pulumi';
import {
  githubTrust,
  gitlabTrust,
  type HostTrust,
  deployerOf,
  PREVIEWER,
  type PipelineRole,
} from '../../src/settings/pipeline-identity.ts';
import type { IdentitySettings, Settings } from '../../src/settings/settings.ts';
import { afterwards, childOptions, reportFailureOnce } from '../engine/resources.ts';
import { IAMMember as ProjectMember } from '@pulumi/gcp/projects/iammember.js';
import { Account } from '@pulumi/gcp/serviceaccount/account.js';
import { IAMMember as AccountMember } from '@pulumi/gcp/serviceaccount/iammember.js';
import { serviceAccountEmail } from '../../src/settings/pipeline-identity.ts';

/** `project` is what pool and accounts belong to; the others decide what the deployer has to do. */
interface KeylessIdentityArgs extends Pick<Settings, 'project' | 'enableApis' | 'refresh'> {
  readonly identity: IdentitySettings;
}

/** What a pipeline has to be told; a stack output. */
interface KeylessIdentityOutput {
  /** Host (`gitlab`, `github`) → a value for GOOGLE_WORKLOAD_IDENTITY_PROVIDER; empty when it failed. */
  readonly providers: Readonly<Record<string, pulumi.Output<string>>>;
  /** Values for GOOGLE_DEPLOYER and GOOGLE_PREVIEWER. */
  readonly deployer: string;
  readonly previewer: string;
}

/** Google's pools, and what is in them, by the id that they have here. */
const POOL = 'kubernetes-ci-images';

/**
 * Lets pipelines become service accounts by the tokens that their host gives them: no key is stored
 * anywhere. The previewer may look, and any pipeline of the project may become it; the deployer may change
 * the stack, and only what the host protects may become it. Whoever makes or changes this has to be an
 * owner of the project: the two are not meant to change who may become them.
 */
export class KeylessIdentity extends pulumi.ComponentResource {
  readonly output: KeylessIdentityOutput;

  constructor(
    name: string,
    { identity: { gitlab, github }, ...settings }: KeylessIdentityArgs,
    options?: pulumi.ComponentResourceOptions,
  ) {
    super('kubernetes-ci-images:index:KeylessIdentity', name, {}, options);
    const { project } = settings;
    const pool = new WorkloadIdentityPool(
      name,
      {
        project,
        workloadIdentityPoolId: POOL,
        displayName: 'Pipelines of the CI images',
        description: 'Declared in code, change it there',
      },
      childOptions(this, options),
    );
    reportFailureOnce(pool);
    const trusts = [
      ...(gitlab ? [gitlabTrust(gitlab)] : []),
      ...(github ? [githubTrust(github)] : []),
    ];
    const providers = trusts.map((trust) => {
      const provider = this.trust(name, project, trust, pool);
      return [trust.host, pulumi.recover(provider.name, () => '')] as const;
    });
    const setOf = (attribute: 'deployer' | 'pipeline') =>
      trusts.map((trust) => {
        const value = trust[attribute];
        const set = pulumi.interpolate`${pool.name}/attribute.${attribute}/${value}`;
        return { value, member: pulumi.interpolate`principalSet://iam.googleapis.com/${set}` };
      });
    const accountOptions = { parent: this, dependsOn: afterwards(pool) };
    const become = (role: PipelineRole, users: readonly AccountUser[]) =>
      pipelineAccount(role, { project, users }, accountOptions);
    const deployer = become(deployerOf(settings), setOf('deployer'));
    const previewer = become(PREVIEWER, setOf('pipeline'));
    this.output = { providers: Object.fromEntries(providers), deployer, previewer };
    this.registerOutputs({});
  }

  /** Takes the host's tokens, of one project of it. */
  private trust(name: string, project: string, trust: HostTrust, pool: WorkloadIdentityPool) {
    const provider = new WorkloadIdentityPoolProvider(
      `${name}-${trust.host}`,
      {
        project,
        workloadIdentityPoolId: POOL,
        workloadIdentityPoolProviderId: trust.host,
        displayName: `One project on ${trust.host}`,
        attributeMapping: trust.mapping,
        attributeCondition: trust.condition,
        oidc: { issuerUri: trust.issuer },
      },
      { parent: this, dependsOn: afterwards(pool) },
    );
    return reportFailureOnce(provider);
  }
}

/** Who may become an account. */
interface AccountUser {
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
function pipelineAccount(
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
