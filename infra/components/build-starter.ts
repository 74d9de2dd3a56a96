import { IAMCustomRole } from '@pulumi/gcp/projects/iamcustomRole.js';
import { IAMMember } from '@pulumi/gcp/projects/iammember.js';
import { Account } from '@pulumi/gcp/serviceaccount/account.js';
import pulumi from '@pulumi/pulumi';
import { serviceAccountEmail } from '../../src/settings/pipeline-identity.ts';
import { settled, childOptions, silenceRepeatedErrors } from '../engine/resources.ts';

export interface BuildStarterArgs {
  /** What it is for: the id of the Artifact Registry repository that is refreshed. */
  readonly repositoryId: string;
  /** The project that the account belongs to. */
  readonly project: string;
  /** The project whose builds it starts. */
  readonly buildProject: string;
}

/** Google requires this permission to run a trigger. */
const PERMISSIONS = ['cloudbuild.builds.create'];

/** A service account that may start the project's builds and nothing else. Google's own roles may also change builds. */
export class BuildStarter extends pulumi.ComponentResource {
  readonly email: string;
  /** For `dependsOn`. */
  readonly settled: pulumi.Output<pulumi.Resource[]>;

  constructor(
    name: string,
    { repositoryId, project, buildProject }: BuildStarterArgs,
    options?: pulumi.ComponentResourceOptions,
  ) {
    super('kubernetes-ci-images:index:BuildStarter', name, {}, options);
    const title = `Starts the refresh of ${repositoryId}`;
    const accountId = accountIdOf(repositoryId);
    const roleId = roleIdOf(repositoryId);
    this.email = serviceAccountEmail(accountId, project);
    const account = new Account(
      name,
      { project, accountId, displayName: title },
      childOptions(this, options),
    );
    const role = new IAMCustomRole(
      name,
      {
        project: buildProject,
        roleId,
        title,
        description: 'May start builds, and nothing else',
        permissions: PERMISSIONS,
      },
      childOptions(this, options),
    );
    const grant = new IAMMember(
      name,
      {
        project: buildProject,
        role: `projects/${buildProject}/roles/${roleId}`,
        member: `serviceAccount:${this.email}`,
      },
      { parent: this, dependsOn: settled(account, role) },
    );
    [account, role, grant].forEach(silenceRepeatedErrors);
    this.settled = settled(account, grant);
    this.registerOutputs({});
  }
}

/** 6 to 30 characters, no hyphen last ("Create service accounts"). */
function accountIdOf(repositoryId: string): string {
  return `refresh-${repositoryId}`.slice(0, 30).replace(/-+$/, '');
}

/** 3 to 64 letters, digits, underscores and periods ("Create custom roles"). */
function roleIdOf(repositoryId: string): string {
  return `refresh_${repositoryId.replaceAll('-', '_')}`.slice(0, 64);
}
