import { Buffer } from 'node:buffer';
import pulumi from '@pulumi/pulumi';
import type { RefreshStarter } from './refresh-starter.ts';

export interface GitlabPipelineStarterArgs {
  /** Where GitLab starts pipelines of the project. */
  readonly url: string;
  /** The branch or tag that the pipeline runs for. */
  readonly ref: string;
}

/**
 * Starts a pipeline in GitLab by a pipeline trigger token ("Trigger pipelines with the API"), which is the
 * stack's secret `refreshPipelineToken`. The token goes into the job's body and not into its address, which
 * people get to see; whoever may read the job at Google can read it there. By the secret in it, the whole
 * target is one to the engine, also where a refresh reads it back.
 */
export function gitlabPipelineStarter({ url, ref }: GitlabPipelineStarterArgs): RefreshStarter {
  const token = new pulumi.Config().requireSecret('refreshPipelineToken');
  return {
    description: `Starts GitLab's pipeline of ${ref}`,
    httpTarget: {
      uri: url,
      httpMethod: 'POST',
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
      body: token.apply((secret) => base64(new URLSearchParams({ token: secret, ref }))),
    },
  };
}

function base64(form: URLSearchParams): string {
  return Buffer.from(form.toString()).toString('base64');
}
