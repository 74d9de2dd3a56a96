import { resolve } from 'node:path';
import type { Log } from '../../../oci/protocol/resource-type.ts';
import { parseDigest, parseImageReference } from '../../../../src/image-reference.ts';
import { createDockerConfig, removeDockerConfig } from './docker-config.ts';
import type { ImageInputs } from './image-inputs.ts';
import type { DockerCommand, DockerResult, RunDocker } from './run-docker.ts';

export interface PublishContext {
  readonly run: RunDocker;
  /** Variables with the daemon's address. */
  readonly daemon: Readonly<Record<string, string>>;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** BuildKit's name for a step, on a line of its own before or after the line with the step's text. */
const STEP_ID = /^#\d+ sha256:[a-f0-9]{64}$/;

/** As much of a failed command's output as helps. */
const SHOWN_LINES = 25;

/** Variables that steer the `docker` command. A build argument of such a name must not reach the command as one. */
const STEERS_DOCKER = /^(?:PATH|HOME|TMPDIR|(?:DOCKER|BUILDKIT|BUILDX|SSH|LD|GO)[A-Z_]*)$/;

/**
 * Builds an image and, unless `skipPush` is set, pushes it, even when its tag is in the registry
 * already. Returns its `repoDigest`: `repository@sha256:...` in the registry, or the local image's id
 * when it was not pushed. An error has the image's name and the end of Docker's output.
 */
export async function publishImage(image: ImageInputs, context: PublishContext): Promise<string> {
  const { imageName } = image;
  const config = createDockerConfig(image, context.log);
  const env = { ...context.daemon };
  if (config !== undefined) env['DOCKER_CONFIG'] = config;
  const docker = (step: string, command: DockerCommand) =>
    // The build's own variables come last: a build argument may have any name.
    runStep(
      `${step} ${imageName}`,
      { ...command, env: { ...env, ...command.env } },
      image,
      context,
    );
  try {
    await docker('building', composeBuild(image));
    if (image.skipPush !== true) {
      return pushedDigest(
        imageName,
        await docker('pushing', { args: ['push', imageName], env: {} }),
      );
    }
    const args = ['image', 'inspect', '--format', '{{.Id}}', imageName];
    const { lines } = await docker('inspecting', { args, env: {} });
    return lines.at(-1)?.trim() ?? '';
  } finally {
    if (config !== undefined) removeDockerConfig(config);
  }
}

/**
 * The build of an image. The value of a build argument goes through the environment (`--build-arg NAME`
 * alone takes it from there), since every user of the machine can read the arguments of a command.
 */
export function composeBuild({ imageName, build }: ImageInputs): DockerCommand {
  const env: Record<string, string> = {
    DOCKER_BUILDKIT: '1',
    // As docker.Image builds: with attestations, a tag names an index of several manifests.
    BUILDX_NO_DEFAULT_ATTESTATIONS: '1',
  };
  const args = ['build', '--progress=plain', '--tag', imageName];
  args.push('--file', resolve(build.dockerfile));
  if (build.platform !== undefined) args.push('--platform', build.platform);
  if (build.target !== undefined) args.push('--target', build.target);
  for (const [name, value] of Object.entries(build.args ?? {})) {
    if (STEERS_DOCKER.test(name)) {
      args.push('--build-arg', `${name}=${value}`);
    } else {
      args.push('--build-arg', name);
      env[name] = value;
    }
  }
  return { args: [...args, resolve(build.context)], env };
}

/** The last line of `docker push` is `<tag>: digest: sha256:<64 digits> size: <bytes>`. */
export function pushedDigest(imageName: string, { lines }: Pick<DockerResult, 'lines'>): string {
  const texts = lines.map((line) => /\bdigest: (sha256:[a-f0-9]{64})\b/.exec(line)?.[1]);
  const digest = parseDigest(texts.findLast((text) => text !== undefined) ?? '');
  const reference = parseImageReference(imageName);
  if (digest === undefined || reference === undefined) {
    throw new Error(`docker pushed ${imageName}, but did not print its digest`);
  }
  return `${reference.registry}/${reference.repository}@${digest}`;
}

async function runStep(
  step: string,
  command: DockerCommand,
  image: ImageInputs,
  { run, log, signal }: PublishContext,
): Promise<DockerResult> {
  log('status', step);
  const result = await run(command, {
    signal,
    onLine: (line) => {
      if (!STEP_ID.test(line)) log('status', withoutPassword(line, image));
    },
  });
  if (result.code === 0) return result;
  const end = result.lines.slice(-SHOWN_LINES).map((line) => `    ${withoutPassword(line, image)}`);
  throw new Error([`${step} failed, docker ended with code ${result.code}:`, ...end].join('\n'));
}

function withoutPassword(line: string, { registry }: ImageInputs): string {
  const password = registry?.password ?? '';
  return password === '' ? line : line.replaceAll(password, '[secret]');
}
