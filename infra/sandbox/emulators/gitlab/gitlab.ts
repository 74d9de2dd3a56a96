import { PROJECT_ID } from './pipelines.ts';
import { endService, startService, type StartedService } from '../../background-service.ts';
import type { Sandbox } from '../../sandbox.ts';

const NAME = 'gitlab';

/**
 * The stand-in for GitLab of this sandbox: the address at which a schedule starts pipelines, and the runner
 * of these. Its token and its pipelines' logs are in files, and stay when it is started again.
 */
export async function startGitlab({ root, gitlabFolder }: Sandbox): Promise<StartedService> {
  return startService(root, {
    name: NAME,
    folder: gitlabFolder,
    program: 'infra/sandbox/emulators/gitlab/main.ts',
    args: [],
    port: {
      first: 5200,
      last: 5299,
      owner: 'its stand-in for GitLab',
      consequence: 'which the next `npm start` writes into the stack’s settings',
    },
    answers: isGitlab,
  });
}

/** Ends it, and the pipeline at work. Returns whether there was one. */
export async function endGitlab(folder: string): Promise<boolean> {
  return endService({ name: NAME, folder });
}

/** Where a pipeline of the project is started, at the stand-in's address (`127.0.0.1:<port>`). */
export function triggerAddress(gitlab: string): string {
  return `http://${gitlab}/api/v4/projects/${PROJECT_ID}/trigger/pipeline`;
}

async function isGitlab(port: number): Promise<boolean> {
  try {
    const { status } = await fetch(`http://127.0.0.1:${port}/pipelines`, {
      signal: AbortSignal.timeout(2000),
    });
    return status === 200;
  } catch {
    return false;
  }
}
