import gcp from '@pulumi/gcp';
import pulumi from '@pulumi/pulumi';
import { childOptions } from './child-options.ts';
import { reportFailureOnce } from './report-failure-once.ts';

export interface BuildStarterArgs {
  /** What it is for: the id of the Artifact Registry repository that is refreshed. */
  readonly repositoryId: string;
  /** The project whose builds it starts. */
  readonly project: string;
}

/** By its trigger, a build is started with the permission to create builds. */
const PERMISSIONS = ['cloudbuild.builds.create'];

/** A service account that can start builds, and nothing else: Google's smallest own role could edit them, too. */
export class BuildStarter extends pulumi.ComponentResource {
  readonly email: pulumi.Output<string>;

  constructor(
    name: string,
    { repositoryId, project }: BuildStarterArgs,
    options?: pulumi.ComponentResourceOptions,
  ) {
    super('kubernetes-ci-images:index:BuildStarter', name, {}, options);
    const account = new gcp.serviceaccount.Account(
      name,
      {
        accountId: accountId(repositoryId),
        displayName: `Starts the refresh of ${repositoryId}`,
      },
      childOptions(this, options),
    );
    reportFailureOnce(account);
    const role = new gcp.projects.IAMCustomRole(
      name,
      {
        project,
        roleId: roleId(repositoryId),
        title: `Starts the refresh of ${repositoryId}`,
        description: 'Starts builds by their triggers, and nothing else',
        permissions: PERMISSIONS,
      },
      childOptions(this, options),
    );
    reportFailureOnce(role);
    const { member } = account;
    reportFailureOnce(
      new gcp.projects.IAMMember(name, { project, role: role.name, member }, { parent: this }),
    );
    this.email = account.email;
    this.registerOutputs({ email: this.email });
  }
}

/** 6 to 30 characters, no hyphen last ("Create service accounts"). */
function accountId(repositoryId: string): string {
  return `refresh-${repositoryId}`.slice(0, 30).replace(/-+$/, '');
}

/** 3 to 64 letters, digits, underscores and periods ("Create custom roles"). */
function roleId(repositoryId: string): string {
  return `refresh_${repositoryId.replaceAll('-', '_')}`.slice(0, 64);
}
