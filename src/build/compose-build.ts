import { resolve } from 'node:path';
import type { DockerCommand } from './run-docker.ts';

/** A build as the inputs of `docker.Image` describe it. */
export interface ImageBuild {
  readonly imageName: string;
  readonly build: {
    /** A directory, relative to the working directory. */
    readonly context: string;
    /** A file, relative to the working directory too (not to the context). */
    readonly dockerfile: string;
    readonly platform?: string | null | undefined;
    readonly target?: string | null | undefined;
    readonly args?: Readonly<Record<string, string>> | null | undefined;
  };
}

/** Variables that steer the `docker` command. A build argument of such a name must not reach the command as one. */
const STEERS_DOCKER =
  /^(?:PATH|HOME|TMPDIR|GO(?:DEBUG|GC|MAXPROCS|MEMLIMIT|TRACEBACK)|(?:DOCKER|BUILDKIT|BUILDX|SSH|LD)_[A-Z_]+)$/;

/**
 * The `docker build` that makes what `docker.Image` makes. The value of a build argument goes through the environment
 * (`--build-arg NAME` alone takes it from there), since every user of the machine can read the arguments of a command.
 */
export function composeBuild({ imageName, build }: ImageBuild): DockerCommand {
  const env: Record<string, string> = {
    DOCKER_BUILDKIT: '1',
    // As docker.Image builds: with attestations, a tag names an index of several manifests.
    BUILDX_NO_DEFAULT_ATTESTATIONS: '1',
  };
  const args = ['build', '--progress=plain', '--tag', imageName];
  args.push('--file', resolve(build.dockerfile));
  if (build.platform) args.push('--platform', build.platform);
  if (build.target) args.push('--target', build.target);
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
