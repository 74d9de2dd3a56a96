import { Buffer } from 'node:buffer';
import { Job } from '@pulumi/gcp/cloudscheduler/job.js';
import { IAMCustomRole } from '@pulumi/gcp/projects/iamcustomRole.js';
import { IAMMember } from '@pulumi/gcp/projects/iammember.js';
import { Account } from '@pulumi/gcp/serviceaccount/account.js';
import type { input } from '@pulumi/gcp/types/index.js';
import pulumi from '@pulumi/pulumi';
import { serviceAccountEmail } from '../../src/settings/pipeline-identity.ts';
import type { RefreshSettings } from '../../src/settings/settings.ts';
import { childOptions, settled, silenceRepeatedErrors } from '../engine/resources.ts';

interface SchedulePlace {
  /** Where the schedule runs, and where the account that starts builds belongs. */
  readonly project: string;
  readonly region: string;
  /** Id of the Artifact Registry repository that is refreshed. */
  readonly repositoryId: string;
}

/**
 * A Cloud Scheduler job that starts the refresh, in one of the ways that a stack can choose from: another
 * way is an update of the same job.
 */
export class ScheduledRefresh extends pulumi.ComponentResource {
  constructor(
    name: string,
    { refresh, ...place }: SchedulePlace & { readonly refresh: RefreshSettings },
    options?: pulumi.ComponentResourceOptions,
  ) {
    super('kubernetes-ci-images:index:ScheduledRefresh', name, {}, options);
    const own = childOptions(this, options);
    const { start } = refresh;
    const starter =
      start.kind === 'cloud-build'
        ? cloudBuildStarter(`${name}-starter`, start.trigger, place, own)
        : gitlabPipelineStarter(start);
    const job = new Job(
      name,
      {
        name: `refresh-${place.repositoryId}`,
        project: place.project,
        region: place.region,
        description: starter.description,
        schedule: refresh.schedule,
        timeZone: refresh.timeZone,
        attemptDeadline: `${refresh.deadlineSeconds}s`,
        paused: refresh.paused,
        // Google leaves out a 0, which the official plug-in would show as a difference for ever.
        retryConfig: refresh.retries > 0 ? { retryCount: refresh.retries } : undefined,
        httpTarget: starter.httpTarget,
      },
      { parent: this, dependsOn: starter.settled ?? own.dependsOn },
    );
    silenceRepeatedErrors(job);
    this.registerOutputs({});
  }
}

/** The part of the job that differs by the way in which the refresh is started. */
interface RefreshStarter {
  /** What the job does, for people. */
  readonly description: string;
  readonly httpTarget: input.cloudscheduler.JobHttpTarget;
  /** What the job depends on in place of what the schedule depends on. */
  readonly settled?: pulumi.Output<pulumi.Resource[]>;
}

/**
 * Runs a Cloud Build trigger, as a service account of its own that may start builds and nothing else. No
 * secret is stored: Google makes a token for each request.
 */
function cloudBuildStarter(
  name: string,
  trigger: string,
  { project, repositoryId }: SchedulePlace,
  options: pulumi.ComponentResourceOptions,
): RefreshStarter {
  const [, buildProject = '', , , , triggerName = ''] = trigger.split('/');
  const starter = new BuildStarter(name, { repositoryId, project, buildProject }, options);
  // The gcp plug-in's own setting for another address counts here, too.
  const custom = new pulumi.Config('gcp').get('cloudBuildCustomEndpoint');
  return {
    description: `Runs the Cloud Build trigger ${triggerName}`,
    httpTarget: {
      uri: `${custom ?? 'https://cloudbuild.googleapis.com/v1/'}${trigger}:run`,
      httpMethod: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: Buffer.from('{}').toString('base64'),
      oauthToken: {
        serviceAccountEmail: starter.email,
        scope: 'https://www.googleapis.com/auth/cloud-platform',
      },
    },
    // A job whose account may not run the trigger yet would fail.
    settled: starter.settled,
  };
}

interface BuildStarterArgs extends Omit<SchedulePlace, 'region'> {
  /** The project whose builds it starts. */
  readonly buildProject: string;
}

/**
 * A service account that may start the project's builds and nothing else, by a custom role: Google's own roles may
 * also change builds.
 */
class BuildStarter extends pulumi.ComponentResource {
  readonly email: string;
  /** For `dependsOn`. */
  readonly settled: pulumi.Output<pulumi.Resource[]>;

  constructor(
    name: string,
    { repositoryId, project, buildProject }: BuildStarterArgs,
    options: pulumi.ComponentResourceOptions,
  ) {
    super('kubernetes-ci-images:index:BuildStarter', name, {}, options);
    const title = `Starts the refresh of ${repositoryId}`;
    // 6 to 30 characters, no hyphen last ("Create service accounts").
    const accountId = `refresh-${repositoryId}`.slice(0, 30).replace(/-+$/, '');
    // 3 to 64 letters, digits, underscores and periods ("Create custom roles").
    const roleId = `refresh_${repositoryId.replaceAll('-', '_')}`.slice(0, 64);
    this.email = serviceAccountEmail(accountId, project);
    const own = childOptions(this, options);
    const account = new Account(name, { project, accountId, displayName: title }, own);
    const role = new IAMCustomRole(
      name,
      {
        project: buildProject,
        roleId,
        title,
        description: 'May start builds, and nothing else',
        // Google requires this permission to run a trigger.
        permissions: ['cloudbuild.builds.create'],
      },
      own,
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

/**
 * Starts a pipeline in GitLab by a pipeline trigger token ("Trigger pipelines with the API"), which is the
 * stack's secret `refreshPipelineToken`. The token is in the job's body and not in its address, which more
 * people get to see; whoever may read the job at Google can read the token there. With the secret in it, the
 * whole target is a secret for the engine, also where a refresh reads it back.
 */
function gitlabPipelineStarter({ url, ref }: { url: string; ref: string }): RefreshStarter {
  const token = new pulumi.Config().requireSecret('refreshPipelineToken');
  return {
    description: `Starts GitLab's pipeline of ${ref}`,
    httpTarget: {
      uri: url,
      httpMethod: 'POST',
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
      body: token.apply((secret) => {
        const form = new URLSearchParams({ token: secret, ref });
        return Buffer.from(form.toString()).toString('base64');
      }),
    },
  };
}
