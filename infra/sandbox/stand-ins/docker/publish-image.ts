import { composeBuild } from '../../../../src/build/compose-build.ts';
import {
  isStepName,
  type DockerCommand,
  type RunDocker,
} from '../../../../src/build/run-docker.ts';
import { parseImageReference } from '../../../../src/image-reference.ts';
import type { Log } from '../../../oci/protocol/resource-type.ts';
import type { ImageInputs } from './image-inputs.ts';

export interface PublishContext {
  readonly run: RunDocker;
  /** Variables that lead the `docker` command to the daemon. */
  readonly daemon: Readonly<Record<string, string>>;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/**
 * Builds an image and pushes it, even when its tag is in the registry already. Returns its `repoDigest`:
 * `repository@sha256:...` in the registry. As for the official plug-in (pulumi-docker's provider/image.go), the login
 * is Docker's own, and an error is the last line of Docker's output, which names no image.
 */
export async function publishImage(
  image: ImageInputs,
  { run, daemon, log, signal }: PublishContext,
): Promise<string> {
  const { imageName } = image;
  const { registry = '', repository = '' } = parseImageReference(imageName) ?? {};
  const docker = async (step: string, { args, env }: DockerCommand) => {
    log('status', `${step} ${imageName}`);
    const onLine = (line: string) => {
      if (!isStepName(line)) log('status', line);
    };
    // The build's own variables come last: a build argument may have any name.
    const command = { args, env: { ...daemon, ...env } };
    const { code, lines } = await run(command, { signal, onLine });
    if (code === 0) return lines;
    throw new Error(lines.at(-1) ?? `docker ended with code ${code}`);
  };
  await docker('building', composeBuild(image));
  const lines = await docker('pushing', { args: ['push', imageName], env: {} });
  return `${registry}/${repository}@${pushedDigest(imageName, lines)}`;
}

/** The last line of `docker push` is `<tag>: digest: sha256:<64 digits> size: <bytes>`. */
function pushedDigest(imageName: string, lines: readonly string[]): string {
  const digests = lines.map((line) => /\bdigest: (sha256:[a-f0-9]{64})\b/.exec(line)?.[1]);
  const digest = digests.findLast((text) => text !== undefined);
  if (digest !== undefined) return digest;
  throw new Error(`docker pushed ${imageName}, but did not print its digest`);
}
