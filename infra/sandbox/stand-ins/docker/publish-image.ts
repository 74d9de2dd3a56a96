import type { Log } from '../../../oci/protocol/resource-type.ts';
import { parseDigest, parseImageReference } from '../../../../src/image-reference.ts';
import { createDockerConfig, removeDockerConfig, registryLogin } from './docker-config.ts';
import type { ImageInputs } from './image-inputs.ts';
import type { DockerCommand, DockerResult, RunDocker } from './run-docker.ts';
import { resolve } from 'node:path';

export interface PublishContext {
  readonly run: RunDocker;
  /** Variables that say where the daemon is. */
  readonly daemon: Readonly<Record<string, string>>;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** BuildKit's name for a step, a line of its own before or after the one that says what it does. */
const STEP_ID = /^#\d+ sha256:[a-f0-9]{64}$/;

/** As much of a failed command's output as helps. */
const SHOWN_LINES = 25;

/**
 * Builds an image and, unless `push` is false, pushes it, even when its tag is in the registry
 * already. Returns its `repoDigest`: `repository@sha256:…` in the registry, or the local image's id
 * when it was not pushed. An error carries the image's name and the end of Docker's output.
 */
export async function publishImage(
  inputs: ImageInputs,
  push: boolean,
  context: PublishContext,
): Promise<string> {
  const login = registryLogin(inputs, context.log);
  const config = login && createDockerConfig(login);
  try {
    const env = { ...context.daemon, ...(config !== undefined && { DOCKER_CONFIG: config }) };
    const docker = (step: string, command: DockerCommand) =>
      runStep(`${step} ${inputs.imageName}`, mergeEnv(command, env), inputs, context);
    for (const image of inputs.cacheFrom) await pullCache(image, inputs, env, context);
    await docker('building', composeBuild(inputs));
    return push
      ? pushedDigest(inputs.imageName, await docker('pushing', command('push', inputs.imageName)))
      : await localId(inputs.imageName, docker);
  } finally {
    if (config !== undefined) removeDockerConfig(config);
  }
}

/** The last line of `docker push` is `<tag>: digest: sha256:<64 digits> size: <bytes>`. */
export function pushedDigest(imageName: string, { lines }: Pick<DockerResult, 'lines'>): string {
  const texts = lines.map((line) => /\bdigest: (sha256:[a-f0-9]{64})\b/.exec(line)?.[1]);
  const digest = parseDigest(texts.findLast((text) => text !== undefined) ?? '');
  const reference = parseImageReference(imageName);
  if (digest === undefined || reference === undefined) {
    throw new Error(`docker pushed ${imageName}, but did not say under which digest`);
  }
  const { registry, repository } = reference;
  // Docker never spells out Docker Hub, so neither does docker.Image.
  const prefix = registry === 'docker.io' ? '' : `${registry}/`;
  const path = registry === 'docker.io' ? repository.replace(/^library\//, '') : repository;
  return `${prefix}${path}@${digest}`;
}

async function localId(
  imageName: string,
  docker: (step: string, command: DockerCommand) => Promise<DockerResult>,
): Promise<string> {
  const inspect = command('image', 'inspect', '--format', '{{.Id}}', imageName);
  const { lines } = await docker('inspecting', inspect);
  return lines.at(-1)?.trim() ?? '';
}

/** Only a help to the build, so a failure is no more than a warning. */
async function pullCache(
  image: string,
  inputs: ImageInputs,
  env: DockerCommand['env'],
  context: PublishContext,
): Promise<void> {
  const platform = inputs.platform === undefined ? [] : ['--platform', inputs.platform];
  const pull = mergeEnv(command('pull', ...platform, image), env);
  const { code, lines } = await context.run(pull, { signal: context.signal });
  if (code === 0) return;
  context.log('warning', `cannot use ${image} as a cache: ${hidden(lines.at(-1) ?? '', inputs)}`);
}

async function runStep(
  step: string,
  docker: DockerCommand,
  inputs: ImageInputs,
  { run, log, signal }: PublishContext,
): Promise<DockerResult> {
  log('status', step);
  const result = await run(docker, {
    signal,
    onLine: (line) => {
      if (!STEP_ID.test(line)) log('status', hidden(line, inputs));
    },
  });
  if (result.code === 0) return result;
  const end = result.lines.slice(-SHOWN_LINES).map((line) => `    ${hidden(line, inputs)}`);
  throw new Error(
    [`${step} failed, docker ended with code ${String(result.code)}:`, ...end].join('\n'),
  );
}

function command(...args: readonly string[]): DockerCommand {
  return { args, env: {} };
}

/** What the build itself sets comes last: a build argument may have any name. */
function mergeEnv({ args, env }: DockerCommand, daemon: DockerCommand['env']): DockerCommand {
  return { args, env: { ...daemon, ...env } };
}

function hidden(line: string, { registry: { password = '' } }: ImageInputs): string {
  return password === '' ? line : line.replaceAll(password, '[secret]');
}

/** Variables that steer the `docker` command itself; a build argument of such a name must not reach it as one. */
const STEERS_DOCKER = /^(?:PATH|HOME|TMPDIR|(?:DOCKER|BUILDKIT|BUILDX|SSH|LD|GO)[A-Z_]*)$/;

/**
 * The build of an image. A build argument's value goes through the environment (`--build-arg NAME`
 * alone takes it from there), since arguments can be read by every user of the machine.
 */
export function composeBuild(inputs: ImageInputs): DockerCommand {
  const args = Object.entries(inputs.args);
  const throughEnvironment = args.filter(([name]) => !STEERS_DOCKER.test(name));
  const buildArguments = args.map(([name, value]) =>
    STEERS_DOCKER.test(name) ? `${name}=${value}` : name,
  );
  const buildKit = inputs.builder === 'BuilderBuildKit';
  return {
    args: [
      'build',
      ...(buildKit ? ['--progress=plain'] : []),
      ...option('--tag', inputs.imageName),
      ...option('--file', resolve(inputs.dockerfile)),
      ...option('--platform', inputs.platform),
      ...option('--target', inputs.target),
      ...option('--network', inputs.network),
      ...inputs.addHosts.flatMap((host) => option('--add-host', host)),
      ...inputs.cacheFrom.flatMap((image) => option('--cache-from', image)),
      ...buildArguments.flatMap((argument) => option('--build-arg', argument)),
      resolve(inputs.context),
    ],
    env: {
      ...Object.fromEntries(throughEnvironment),
      DOCKER_BUILDKIT: buildKit ? '1' : '0',
      // docker.Image asks for none either, and with them a tag names an index of several manifests.
      BUILDX_NO_DEFAULT_ATTESTATIONS: '1',
    },
  };
}

function option(name: string, value: string | undefined): readonly string[] {
  return value === undefined || value === '' ? [] : [name, value];
}
