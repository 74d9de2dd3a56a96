import { withDockerAddress } from '../docker-address.ts';
import { formatSize } from '../format-size.ts';
import { ShownError } from '../problem.ts';
import { dockerClient } from '../verify/docker-client.ts';
import { dockerRemedy } from '../verify/docker-remedies.ts';
import { composeBuild, type ImageBuild } from './compose-build.ts';
import { isStepName, runDocker, type RunDocker } from './run-docker.ts';
import { watchSpace } from './watch-space.ts';

type BuildErrorCode =
  | 'BUILD_FAILED' // Docker ended with an error.
  | 'BUILD_TIMEOUT' // It was not built in time.
  | 'BUILD_TOO_LARGE' // It takes more space than it may.
  | 'BASE_UNREACHABLE' // The registry of its base, or the way there, fails by itself.
  | 'NO_SPACE' // The disk of the Docker Engine is full.
  | 'FOREIGN_PLATFORM' // It runs programs for another processor, which nothing here emulates.
  | 'MISSING_PROGRAM'; // The Docker client can't build with BuildKit.

/** Why an image is not built, with the end of what Docker printed. */
export class BuildError extends ShownError<BuildErrorCode> {
  override readonly name = 'BuildError';
}

interface BuildOptions {
  /** Bytes that the build may take on the disk of the Docker Engine, and the image have. */
  readonly bytes: number;
  /** Ends the build with its reason. */
  readonly signal: AbortSignal;
  /** Takes each line that Docker prints. */
  readonly note: (line: string) => void;
  readonly run?: RunDocker;
}

const SHOWN_LINES = 30;

/**
 * Builds an image in the Docker Engine here, as `docker.Image` does, and pushes nothing. Returns its size in bytes.
 * Throws a BuildError, a VerifyError of the Docker client, and the reason of `signal`.
 */
export async function buildImage(
  image: ImageBuild,
  { bytes, signal, note, run = runDocker }: BuildOptions,
): Promise<number> {
  const { args, env } = composeBuild(image);
  const space = await watchSpace(bytes);
  try {
    const command = { args, env: { ...withDockerAddress(process.env), ...env } };
    const ends = AbortSignal.any([signal, space.exceeded]);
    const onLine = (line: string) => {
      if (!isStepName(line)) note(line);
    };
    const { code, lines } = await run(command, { signal: ends, onLine });
    if (code !== 0) throw failure(lines, image.build.platform ?? '');
  } catch (error) {
    if (space.exceeded.aborted && !signal.aborted) throw tooLarge(bytes);
    throw error;
  } finally {
    space.end();
  }
  const size = await sizeOf(image.imageName, signal);
  if (size > bytes) throw tooLarge(bytes, `; the image has ${formatSize(size)}`);
  return size;
}

async function sizeOf(name: string, signal: AbortSignal): Promise<number> {
  const printed = await dockerClient(signal)('image', 'inspect', '--format', '{{.Size}}', name);
  return Number(printed.trim());
}

/** What Docker says that is of the world, and not of the image. */
const CODES = [
  { code: 'NO_SPACE', sign: /no space left on device/i },
  {
    code: 'BASE_UNREACHABLE',
    sign: /toomanyrequests|429 Too Many|unexpected (?:HTTP )?status\b.*: 5\d\d|no such host|connection refused|i\/o timeout|TLS handshake timeout|network is unreachable|no route to host/i,
  },
] as const;

function failure(lines: readonly string[], platform: string): BuildError {
  const output = lines.join('\n');
  const shown = lines.slice(-SHOWN_LINES);
  if (/exec format error/i.test(output)) {
    const problem = `it runs programs for ${platform}, which the machine of the Docker Engine does not emulate`;
    const remedy =
      'emulate it there (on Debian and Ubuntu: apt-get install qemu-user-static binfmt-support), or choose another platform';
    return new BuildError('FOREIGN_PLATFORM', problem, remedy, shown);
  }
  if (/buildx component is missing|requires? the buildx/i.test(output)) {
    const problem = 'this Docker client builds with BuildKit by its plug-in buildx only';
    const remedy = 'install it (on Debian and Ubuntu: apt-get install docker-buildx)';
    return new BuildError('MISSING_PROGRAM', problem, remedy, shown);
  }
  const reason = lines.findLast((line) => /\S/.test(line)) ?? 'docker build printed nothing';
  // The line of a command that failed quotes it, and the command may have any words.
  if (/exit code: \d+/.test(reason)) {
    const remedy = 'correct what this command needs, or the command in the Dockerfile';
    return new BuildError('BUILD_FAILED', reason.trim(), remedy, shown);
  }
  const code = CODES.find(({ sign }) => sign.test(reason))?.code ?? 'BUILD_FAILED';
  return new BuildError(code, reason.trim(), dockerRemedy(reason), shown);
}

export function tooLarge(bytes: number, size = ''): BuildError {
  const problem = `its build takes more than ${formatSize(bytes)}${size}`;
  const remedy =
    'take less into its layers (a .dockerignore, rm in the same RUN), or let it take more: --space, or previewBuildGigabytes';
  return new BuildError('BUILD_TOO_LARGE', problem, remedy);
}
