import { WorkloadIdentityPool } from '@pulumi/gcp/iam/workloadIdentityPool.js';
import { WorkloadIdentityPoolProvider } from '@pulumi/gcp/iam/workloadIdentityPoolProvider.js';
import pulumi from '@pulumi/pulumi';
import {
  githubTrust,
  gitlabTrust,
  deployerOf,
  previewerOf,
  PUSHER,
  updaterRole,
  type PipelineRole,
  serviceAccountEmail,
} from '../../src/settings/pipeline-identity.ts';
import type { IdentitySettings, Settings } from '../../src/settings/settings.ts';
import { settled, childOptions, silenceRepeatedErrors } from '../engine/resources.ts';
import { IAMCustomRole } from '@pulumi/gcp/projects/iamcustomRole.js';
import { IAMMember as ProjectMember } from '@pulumi/gcp/projects/iammember.js';
import { Account } from '@pulumi/gcp/serviceaccount/account.js';
import { IAMMember as AccountMember } from '@pulumi/gcp/serviceaccount/iammember.js';

/** `project` is what pool and accounts belong to; the others decide what the deployer has to do. */
interface KeylessIdentityArgs extends Pick<
  Settings,
  'part' | 'destination' | 'project' | 'repositoryId' | 'enableApis' | 'refresh'
> {
  readonly identity: IdentitySettings;
}

/** A stack output: the variables that a pipeline needs. */
interface KeylessIdentityOutput {
  /** Host (`gitlab`, `github`) → a value for GOOGLE_WORKLOAD_IDENTITY_PROVIDER; empty when it failed. */
  readonly providers: Readonly<Record<string, pulumi.Output<string>>>;
  /** Values for GOOGLE_DEPLOYER and GOOGLE_PREVIEWER. */
  readonly deployer: string;
  readonly previewer: string;
  /** A value for GOOGLE_PUSHER; absent where the deployer pushes: in a stack with all parts, and to a repository of others. */
  readonly pusher?: string;
}

/** The id of the pool. */
const POOL = 'kubernetes-ci-images';

/**
 * Lets pipelines become service accounts with the tokens of their host, without a stored key: pipelines of the
 * project's merge requests the previewer, which may read; those of its protected branch the deployer, which may change
 * the stack. To create or change this component takes an owner of the project: the two accounts must not
 * change who may become them.
 */
export class KeylessIdentity extends pulumi.ComponentResource {
  readonly output: KeylessIdentityOutput;
  /** For `dependsOn`: the accounts, and the role of their own. */
  readonly settled: pulumi.Output<pulumi.Resource[]>;

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
    silenceRepeatedErrors(pool);
    const trusts = [gitlab && gitlabTrust(gitlab), github && githubTrust(github)].filter(
      (trust) => trust !== undefined,
    );
    const inPool = { parent: this, dependsOn: settled(pool) };
    const providers = trusts.map((trust) => {
      // Takes the host's tokens, of one project of it.
      const provider = new WorkloadIdentityPoolProvider(
        `${name}-${trust.host}`,
        {
          project,
          workloadIdentityPoolId: POOL,
          workloadIdentityPoolProviderId: trust.host,
          displayName: `One project on ${trust.host}`,
          attributeMapping: trust.mapping,
          attributeCondition: trust.condition,
          oidc: { issuerUri: trust.issuer, jwksJson: trust.keys },
        },
        inPool,
      );
      silenceRepeatedErrors(provider);
      return [trust.host, pulumi.recover(provider.name, () => '')] as const;
    });
    // A failed pool is named by the project's id, so that its grants are declared, and not deleted. Google takes
    // none under that name: those that are there stay.
    const poolName = pulumi.recover(
      pool.name,
      () => `projects/${project}/locations/global/workloadIdentityPools/${POOL}`,
    );
    /** Declares the account that pipelines with this attribute may become. */
    const become = (role: PipelineRole, attribute: 'deployer' | 'pipeline') => {
      const users = trusts.map((trust) => {
        const value = trust[attribute];
        const set = pulumi.interpolate`${poolName}/attribute.${attribute}/${value}`;
        return [value, pulumi.interpolate`principalSet://iam.googleapis.com/${set}`] as const;
      });
      return pipelineAccount(role, { project, users }, inPool);
    };
    const deployer = become(deployerOf(settings), 'deployer');
    const previewer = become(previewerOf(settings), 'pipeline');
    const ofPush =
      settings.part === 'access' && settings.destination.kind === 'managed'
        ? pushRights(
            name,
            { ...settings, deployer: deployer.email },
            { parent: this, dependsOn: settled(deployer.account) },
          )
        : undefined;
    this.output = {
      providers: Object.fromEntries(providers),
      deployer: deployer.email,
      previewer: previewer.email,
      ...(ofPush !== undefined && { pusher: ofPush.email }),
    };
    this.settled = settled(deployer.account, previewer.account, ...(ofPush?.resources ?? []));
    this.registerOutputs({});
  }
}

interface AccountArgs {
  readonly project: string;
  /** Who may become the account: a name for the grant, and the member as IAM writes it. */
  readonly users: readonly (readonly [string, pulumi.Input<string>])[];
  /** The role by which they may. */
  readonly userRole?: string;
}

/**
 * Declares a service account with its roles in the project, and who may become it. Takes over an account that was made by hand, since `writers` may have named it before. An account that is no
 * longer declared stays, without roles and users.
 */
function pipelineAccount(
  { accountId, title, roles }: PipelineRole,
  { project, users, userRole = 'roles/iam.workloadIdentityUser' }: AccountArgs,
  options: pulumi.CustomResourceOptions,
): { readonly email: string; readonly account: Account } {
  const email = serviceAccountEmail(accountId, project);
  const account = new Account(
    accountId,
    { project, accountId, displayName: title, createIgnoreAlreadyExists: true },
    { ...options, retainOnDelete: true },
  );
  silenceRepeatedErrors(account);
  const ofAccount = { ...options, dependsOn: settled(account) };
  const member = `serviceAccount:${email}`;
  for (const role of roles) {
    const name = `${accountId}-${role.replace(/^roles\//, '')}`;
    silenceRepeatedErrors(new ProjectMember(name, { project, role, member }, ofAccount));
  }
  const serviceAccountId = `projects/${project}/serviceAccounts/${email}`;
  for (const [name, member] of users) {
    const args = { serviceAccountId, role: userRole, member };
    silenceRepeatedErrors(new AccountMember(`${accountId}-${name}`, args, ofAccount));
  }
  return { email, account };
}

/** What separates pushing from the rest: an account for it, which the deployer becomes, and a role for the rest. */
function pushRights(
  name: string,
  {
    project,
    repositoryId,
    deployer,
  }: Pick<Settings, 'project' | 'repositoryId'> & { readonly deployer: string },
  options: pulumi.CustomResourceOptions,
) {
  const { email, account } = pipelineAccount(
    PUSHER,
    {
      project,
      users: [['deployer', `serviceAccount:${deployer}`]],
      userRole: 'roles/iam.serviceAccountTokenCreator',
    },
    options,
  );
  const { roleId, permissions } = updaterRole({ project, repositoryId });
  const title = `Changes the clean-up policies of ${repositoryId}`;
  const role = new IAMCustomRole(
    `${name}-updater`,
    { project, roleId, title, permissions },
    options,
  );
  silenceRepeatedErrors(role);
  return { email, resources: [account, role] };
}
