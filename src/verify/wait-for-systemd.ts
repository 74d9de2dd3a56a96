import { stripVTControlCharacters } from 'node:util';
import { dockerClient, type Docker } from './docker-client.ts';
import { consoleOf, hasEnded, removeNode, startNode, type NodeOptions } from './node-container.ts';
import { lastLines, MORE_TIME, VerifyError } from './verify-error.ts';

/** A node of systemd shows about as many from its start to its last target. */
const LOG_LINES = 60;

/** A container that boots systemd. */
interface Node {
  /**
   * The last output of `systemctl is-system-running`: `running`, `degraded` (units failed), `starting` when
   * time ran out; `ended` when the container has, and `absent` when it runs something else.
   */
  readonly state: string;
  readonly failedUnits: readonly string[];
  readonly log: readonly string[];
}

/**
 * Boots an image in a container until systemd has started all units. Returns the last lines of its console. Throws a
 * VerifyError.
 */
export async function waitForSystemd(
  image: string,
  options: {
    timeout: number;
    grace: number;
    isPrivileged: boolean;
    platform: string;
    signal: AbortSignal;
  },
): Promise<readonly string[]> {
  const { timeout, grace, isPrivileged, platform, signal } = options;
  const limit = AbortSignal.timeout((timeout + grace) * 1000);
  const docker = dockerClient(AbortSignal.any([signal, limit]));
  try {
    const node = await bootNode(docker, image, { seconds: timeout, isPrivileged, platform });
    if (node.state !== 'running') throw bootFailure(node, { seconds: timeout, isPrivileged });
    return node.log;
  } catch (error) {
    if (error !== limit.reason) throw error;
    const problem = `nothing in it answered for ${timeout + grace} seconds`;
    throw new VerifyError('BOOT_TIMEOUT', problem, MORE_TIME);
  }
}

/** Without privileges, an old systemd hangs, and a newer one exits. */
const PRIVILEGES = 'where systemd says that it may not do something, `verifyPrivileged: true`';

/** Why a node is not up. */
export function bootFailure({ state, failedUnits, log }: Node, options: NodeOptions): VerifyError {
  if (state === 'ended' || state === 'absent') {
    const problem =
      state === 'ended' ? 'it ended before systemd was up' : 'it runs, and systemd is not in it';
    const remedy = options.isPrivileged
      ? 'let its CMD be systemd, as in the contexts of config/contexts, or declare `verify` commands'
      : `declare \`verify\` commands; or, ${PRIVILEGES}`;
    return new VerifyError('NO_SYSTEMD', problem, remedy, log);
  }
  if (failedUnits.length > 0) {
    const problem = `systemd is ${state}; these units failed: ${failedUnits.join(', ')}`;
    const remedy =
      "correct them, or mask in the build context the units that can't run in a container";
    return new VerifyError('FAILED_UNITS', problem, remedy, log);
  }
  const problem = `systemd was ${state} after ${options.seconds} seconds`;
  const remedy = options.isPrivileged ? MORE_TIME : `${MORE_TIME}; or, ${PRIVILEGES}`;
  return new VerifyError('BOOT_TIMEOUT', problem, remedy, log);
}

/** Boots an image in a container, waits for its systemd for so many seconds, and removes the container. */
export async function bootNode(docker: Docker, image: string, options: NodeOptions): Promise<Node> {
  const container = await startNode(docker, image, options);
  try {
    const found = docker('exec', container, 'sh', '-c', WAIT, 'sh', String(options.seconds));
    const words = await found.catch(async (error: unknown) => {
      if (error instanceof VerifyError && (await hasEnded(docker, container))) return 'ended';
      throw error;
    });
    const [state = '', ...failedUnits] = words.trim().split(/\s+/);
    return { state, failedUnits, log: readable(await consoleOf(docker, container)) };
  } finally {
    await removeNode(docker, container);
  }
}

/** The end of a console, without the stars that move while systemd waits for something. */
function readable(text: string): readonly string[] {
  const lines = stripVTControlCharacters(text).replaceAll('\r', '').split('\n');
  return lastLines(lines.filter((line) => !/^\[[ *]{6}\]/.test(line)).join('\n'), LOG_LINES);
}

// Prints the state, and the units that failed.
//
// `is-system-running --wait` would be shorter, but comes with systemd 240, and RHEL 8 has 239. Its exit code is
// a failure for all states but one.
//
// systemd makes /run/systemd/system at once ("sd_booted"); an entry point may have things to do before, for a
// minute, or for half of the time that it has where that is longer.
const WAIT = `left=$(($1 * 5)) unseen=$(($1 * 5 / 2))
[ "$unseen" -ge 300 ] || unseen=300
while state=$(systemctl is-system-running 2>/dev/null || true); [ "$left" -gt 0 ]; do
    case $state in running | degraded | maintenance) break ;; esac
    [ -d /run/systemd/system ] || unseen=$((unseen - 1))
    [ "$unseen" -gt 0 ] || break
    left=$((left - 1))
    sleep 0.2
done
case $state in running | degraded | maintenance) ;; *) [ -d /run/systemd/system ] || state=absent ;; esac
echo "\${state:-starting}"
systemctl list-units --failed --plain --no-legend 2>/dev/null | cut -d' ' -f1`;
