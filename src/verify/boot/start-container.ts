import { checkNode, type NodeCheck } from './check-node.ts';
import { VerifyError } from '../verify-error.ts';
import { dockerClient } from './docker-client.ts';

export interface StartOptions {
  /** Seconds until it must be up; pulling it is not counted. */
  readonly timeout: number;
  readonly signal: AbortSignal;
}

/** How a container came up. */
export interface Start {
  readonly sign: string;
  readonly seconds: number;
}

/**
 * Starts a container image, named by its digest, and waits until its systemd runs all that it should.
 * The container is gone afterwards. Throws a VerifyError, and the reason of `signal`.
 */
export async function startContainer(
  image: string,
  { timeout, signal }: StartOptions,
): Promise<Start> {
  const docker = dockerClient(signal);
  await docker('pull', '--quiet', image);
  const started = Date.now();
  const check = await checkNode(docker, image, { seconds: timeout, commands: [] });
  const seconds = Math.round((Date.now() - started) / 1000);
  if (check.state === 'running') return { sign: 'systemd is running', seconds };
  throw failure(check, timeout);
}

function failure({ state, failedUnits, log }: NodeCheck, timeout: number): VerifyError {
  const shown = log.split('\n').filter((line) => line !== '');
  if (state === 'ended') {
    const remedy = 'let its CMD be systemd, as in the contexts of config/contexts';
    return new VerifyError('NO_SYSTEMD', 'it ended before systemd was up', remedy, shown);
  }
  if (failedUnits.length > 0) {
    const problem = `systemd is ${state}; these units failed: ${failedUnits.join(', ')}`;
    const remedy = 'mend them, or mask in the build context what can’t run in a container';
    return new VerifyError('FAILED_UNITS', problem, remedy, shown);
  }
  const problem = `systemd was ${state} after ${timeout} seconds`;
  return new VerifyError('BOOT_TIMEOUT', problem, 'give it more with --timeout', shown);
}
