import { Buffer } from 'node:buffer';
import pulumi from '@pulumi/pulumi';
import { BuildStarter } from './build-starter.ts';
import type { RefreshStarter } from './refresh-starter.ts';

export interface CloudBuildStarterArgs {
  /** The project that the starting account belongs to. */
  readonly project: string;
  /** Id of the Artifact Registry repository that is refreshed. */
  readonly repositoryId: string;
  /** Full name of the trigger. */
  readonly trigger: string;
}

/**
 * Runs a Cloud Build trigger, as a service account of its own that may start builds and nothing else. No
 * secret is stored: Google makes a token for each call.
 */
export function cloudBuildStarter(
  name: string,
  { project, repositoryId, trigger }: CloudBuildStarterArgs,
  options: pulumi.ComponentResourceOptions,
): RefreshStarter {
  const [, buildProject = '', , , , triggerName = ''] = trigger.split('/');
  const starter = new BuildStarter(name, { repositoryId, project, buildProject }, options);
  return {
    description: `Runs the Cloud Build trigger ${triggerName}`,
    httpTarget: {
      uri: `${cloudBuild()}${trigger}:run`,
      httpMethod: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: Buffer.from('{}').toString('base64'),
      oauthToken: {
        serviceAccountEmail: starter.email,
        scope: 'https://www.googleapis.com/auth/cloud-platform',
      },
    },
    // Before its account may run the trigger, the job would fail for nothing.
    settled: starter.settled,
  };
}

/** Cloud Build's address; the gcp plug-in's own setting for another one counts here, too. */
function cloudBuild(): string {
  const custom = new pulumi.Config('gcp').get('cloudBuildCustomEndpoint');
  return custom ?? 'https://cloudbuild.googleapis.com/v1/';
}
