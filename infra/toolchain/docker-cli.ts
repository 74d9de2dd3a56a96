import { findCommands } from './find-command.ts';
import { tryCommand } from './run-command.ts';
import { isAtLeast, parseVersion } from './version.ts';

/** From 23.0 on, `docker build` needs the buildx plug-in for BuildKit; before, DOCKER_BUILDKIT=1 was enough. */
const NEEDS_BUILDX = [23, 0];

/** What a docker client says about itself. */
export interface DockerClient {
  readonly command: string;
  /** `docker --version`. */
  readonly version: string;
  readonly hasBuildx: boolean;
}

/** Whether a client can build with BuildKit, which every build here needs. */
export function canUseBuildKit({ version, hasBuildx }: DockerClient): boolean {
  const number = parseVersion(/version (\S+)/.exec(version)?.[1] ?? '');
  return number !== undefined && (hasBuildx || !isAtLeast(number, NEEDS_BUILDX));
}

/**
 * The docker client for this machine, as an absolute path: the first on PATH that can build with
 * BuildKit. A newer client without buildx may hide the distribution's own, so it isn't simply the
 * first one.
 */
export async function findDockerCli(): Promise<string | undefined> {
  const candidates = new Set([...findCommands('docker'), ...findCommands('docker', '/usr/bin')]);
  for (const command of candidates) {
    const [version, buildx] = await Promise.all([
      tryCommand(command, ['--version']),
      tryCommand(command, ['buildx', 'version']),
    ]);
    if (version === undefined) continue;
    if (canUseBuildKit({ command, version, hasBuildx: buildx !== undefined })) return command;
  }
  return undefined;
}
