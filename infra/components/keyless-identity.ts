import { WorkloadIdentityPool } from '@pulumi/gcp/iam/workloadIdentityPool.js';
import { WorkloadIdentityPoolProvider } from '@pulumi/gcp/iam/workloadIdentityPoolProvider.js';
import pulumi from '@pulumi/pulumi';
import { githubTrust, gitlabTrust, type HostTrust } from '../../src/settings/host-trust.ts';
import { deployerOf, PREVIEWER, type PipelineRole } from '../../src/settings/pipeline-roles.ts';
import type { IdentitySettings, Settings } from '../../src/settings/settings.ts';
import { afterwards } from '../engine/afterwards.ts';
import { childOptions } from '../engine/child-options.ts';
import { pipelineAccount, type AccountUser } from './pipeline-account.ts';
import { reportFailureOnce } from '../engine/report-failure-once.ts';

/** `project` is what pool and accounts belong to; the others decide what the deployer has to do. */
export interface KeylessIdentityArgs extends Pick<Settings, 'project' | 'enableApis' | 'refresh'> {
  readonly identity: IdentitySettings;
}

/** What a pipeline has to be told; a stack output. */
export interface KeylessIdentityOutput {
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
