import { resolve } from 'node:path';
import type { ImageInputs } from './image-inputs.ts';

/** A call of the `docker` command: its arguments, and what its environment has beside this process's. */
export interface DockerCommand {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
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
