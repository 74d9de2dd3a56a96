import process from 'node:process';
import { formatSize } from '../format-size.ts';
import { formatImageReference } from '../image-reference.ts';
import type { PlannedCopy } from '../plan/plan-stack.ts';
import { CodedError } from '../problem.ts';
import { credentialsFor } from '../registry/credentials.ts';
import { readSource } from '../registry/image-source.ts';
import { blobsOf } from '../registry/manifest.ts';
import { registryClient } from '../registry/registry-client.ts';
import type { PlatformBuild } from '../tag/tag-catalog.ts';
import { dockerClient } from '../verify/docker-client.ts';
import { listContainer } from '../verify/list-container.ts';
import { hasIdentity, privilegedRefused } from '../verify/privileges.ts';
import { verifyImage } from '../verify/verify-image.ts';
import { BuildError, tooLarge } from './build-image.ts';
import { outcomeOfStart } from './start-built.ts';
import { reasonOf, type Tried, type TryOptions } from './try-build.ts';
import { isInEngine, removeImage } from './tried-images.ts';

/**
 * Starts an image that the stack would copy, as its source has it, and lists its packages. Copies nothing. Throws the
 * reason of `signal`, and whatever says nothing of the image.
 */
export async function tryCopy(
  image: PlannedCopy,
  { platform }: PlatformBuild,
  options: TryOptions,
): Promise<Tried> {
  const { limits, signal: stop, note } = options;
  const target = { name: image.name, platform };
  const late = AbortSignal.timeout((limits.seconds + options.startTimeout) * 1000);
  const begun = performance.now();
  note(`nothing is built: it is a copy of ${formatImageReference(image.from)}`);
  try {
    const signal = AbortSignal.any([stop, late]);
    const { size, start, packages } = await startCopied(image, platform, { ...options, signal });
    const seconds = Math.round((performance.now() - begun) / 1000);
    return { result: { kind: 'built', isCopy: true, ...target, start, seconds, size }, packages };
  } catch (error) {
    stop.throwIfAborted();
    const failure = late.aborted ? tooLate(limits.seconds) : error;
    if (!(failure instanceof CodedError)) throw failure;
    return {
      result: {
        kind: 'failed',
        isCopy: true,
        ...target,
        ...reasonOf(failure as CodedError<string>),
      },
    };
  }
}

async function startCopied(image: PlannedCopy, platform: string, options: TryOptions) {
  const { limits, startTimeout: timeout, keepAs, signal, note } = options;
  const { registry, repository, digest: pinned } = image.from;
  const session = { registry, signal, credentials: await credentialsFor(registry, process.env) };
  const client = registryClient(session);
  const place = { client, registry, repository };
  const [found] = await readSource(place, pinned, [platform]);
  const digest = found?.digest ?? pinned;
  const manifest = await client.getManifest(repository, digest);
  const blobs = (manifest && blobsOf(manifest.bytes)) ?? [];
  const size = blobs.reduce((sum, blob) => sum + blob.size, 0);
  if (size > limits.bytes) throw tooLarge(limits.bytes, `; the image has ${formatSize(size)}`);

  const verified = { ...image, kind: image.holds, repository, digest, platform };
  const verify = () => {
    if (image.verifyPrivileged === true && hasIdentity(process.env)) throw privilegedRefused();
    return verifyImage(verified, { session, timeout, note });
  };
  if (image.holds === 'vm-disk') {
    return { size, ...(await outcomeOfStart(signal, verify)) };
  }
  const reference = formatImageReference({ registry, repository, digest });
  const docker = dockerClient(signal);
  const wasThere = await isInEngine(docker, reference);
  try {
    await docker('pull', '--quiet', '--platform', platform, reference);
    if (keepAs !== undefined) await docker('tag', reference, keepAs);
    const { start } = await outcomeOfStart(signal, verify);
    return { size, start, packages: await listContainer(reference, { platform, signal }) };
  } finally {
    // No signal ends the removal.
    const last = dockerClient(new AbortController().signal);
    if (!wasThere && (await isInEngine(last, reference))) await removeImage(last, reference);
  }
}

function tooLate(seconds: number): BuildError {
  const problem = `it is neither pulled nor up after ${seconds} seconds and the time for its start`;
  const remedy = 'give it more time: --timeout, or buildTimeoutSeconds';
  return new BuildError('BUILD_TIMEOUT', problem, remedy, []);
}
