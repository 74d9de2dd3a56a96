import { stripVTControlCharacters } from 'node:util';
import { lastLines } from './verify-error.ts';
import { type Docker, removeNode, startNode } from './docker-client.ts';

/** A node of systemd shows about as many from its start to its last target. */
const LOG_LINES = 60;

/** What a container image must have to be a Kubernetes node under test. */
export interface NodeRequirements {
  /** Seconds in which systemd must start everything. */
  readonly seconds: number;
  /** The names of commands that must be there. */
  readonly commands: readonly string[];
}

/** How an image did as a node. It is fit when `state` is `running`, nothing is missing and SSH answers. */
export interface NodeCheck {
  /**
   * The last output of `systemctl is-system-running`: `running`, `degraded` (units failed), `starting` when
   * time ran out; `ended` when the container has, and `absent` when it runs something else.
   */
  readonly state: string;
  readonly failedUnits: readonly string[];
  readonly missingCommands: readonly string[];
  /** The SSH server's greeting, such as `SSH-2.0-OpenSSH_9.2p1`; empty without a server. */
  readonly greeting: string;
  /** The last lines of the container's console. */
  readonly log: string;
}

/** Boots an image in a container, checks the requirements, and removes the container. */
export async function checkNode(
  docker: Docker,
  image: string,
  requirements: NodeRequirements,
): Promise<NodeCheck> {
  const container = await startNode(docker, image);
  try {
    return await look(docker, container, requirements);
  } finally {
    await removeNode(docker, container);
  }
}

async function look(
  docker: Docker,
  container: string,
  { seconds, commands }: NodeRequirements,
): Promise<NodeCheck> {
  const run = async (script: string, ...args: readonly string[]) => {
    try {
      return (await docker('exec', container, 'sh', '-c', script, 'sh', ...args)).trim();
    } catch (error) {
      const isRunning = await docker('inspect', '--format', '{{.State.Running}}', container);
      if (isRunning.trim() === 'true') throw error;
      return undefined;
    }
  };
  const state = await run(WAIT, String(seconds));
  const failed = await run(FAILED_UNITS);
  const missing = await run(MISSING, ...commands);
  const greeting = await run(GREETING);
  const hasEnded = [state, failed, missing, greeting].includes(undefined);
  return {
    state: hasEnded ? 'ended' : (state ?? ''),
    failedUnits: wordsOf(failed),
    missingCommands: wordsOf(missing),
    greeting: greeting ?? '',
    log: readable(await docker('logs', container)),
  };
}

/** The end of what a console has shown, without the stars that move while systemd waits for something. */
function readable(text: string): string {
  const lines = stripVTControlCharacters(text).replaceAll('\r', '').split('\n');
  return lastLines(lines.filter((line) => !/^\[[ *]{6}\]/.test(line)).join('\n'), LOG_LINES).join(
    '\n',
  );
}

function wordsOf(text = ''): readonly string[] {
  return text.split(/\s+/).filter(Boolean);
}

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
echo "\${state:-starting}"`;

const FAILED_UNITS = `systemctl list-units --failed --plain --no-legend 2>/dev/null | cut -d' ' -f1`;

const MISSING = `for name; do command -v "$name" >/dev/null || echo "$name"; done`;

const GREETING = `python3 -c '
import socket
with socket.create_connection(("127.0.0.1", 22), 10) as server:
    print(server.recv(255).decode().strip())
' 2>/dev/null || true`;
