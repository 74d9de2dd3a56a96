import { join } from 'node:path';
import { diskRecipe } from '../catalog/image.ts';
import { prepareDisk } from '../disk/prepare-disk.ts';
import { cacheFolder } from '../git/cache-folder.ts';
import type { Packages } from '../packages/package-list.ts';
import { imageBuild, type Origin } from '../plan/image-build.ts';
import type { PlannedBuild } from '../plan/plan-stack.ts';
import { CodedError } from '../problem.ts';
import { immutableTag } from '../tag/build-inputs.ts';
import type { PlatformBuild } from '../tag/tag-catalog.ts';
import { dockerClient } from '../verify/docker-client.ts';
import { BuildError, buildImage } from './build-image.ts';
import type { Built, Failed } from './build-results.ts';
import { openDockerfile } from './open-dockerfile.ts';
import { startBuilt } from './start-built.ts';
import { openTriedImage } from './tried-images.ts';

/** What one build may take. */
interface BuildLimits {
  /** How long the build may take, downloads included. */
  readonly seconds: number;
  /** The largest download, the largest image, and the most that a build takes of the Docker Engine's disk. */
  readonly bytes: number;
}

export interface TryOptions {
  readonly root: string;
  readonly limits: BuildLimits;
  /** Seconds until it must be up, once it is built. */
  readonly startTimeout: number;
  /** The name that the image gets for good; absent where it goes. */
  readonly keepAs?: string | undefined;
  readonly origin: Origin<string>;
  readonly signal: AbortSignal;
  readonly note: (line: string) => void;
}

/** A build that was tried. */
export type Tried =
  | { readonly result: Failed }
  | { readonly result: Omit<Built, 'packages' | 'differences'>; readonly packages: Packages };

const SHOWN_LINES = 30;

/**
 * Builds an image for a platform in the Docker Engine here, starts it, and lists its packages. Pushes nothing, and
 * leaves nothing but downloads and Docker's build cache. Throws the reason of `signal`, and whatever says nothing of
 * the image.
 */
export async function tryBuild(
  image: PlannedBuild,
  build: PlatformBuild,
  options: TryOptions,
): Promise<Tried> {
  const { keepAs, startTimeout: timeout, signal, note } = options;
  const { platform } = build;
  const target = { name: image.name, platform };
  const { imageName, folder, release } = await openTriedImage();
  const begun = performance.now();
  try {
    const { size, disk } = await buildInTime(image, build, { imageName, folder }, options);
    const seconds = Math.round((performance.now() - begun) / 1000);
    if (keepAs !== undefined) await dockerClient(signal)('tag', imageName, keepAs);
    const place = { imageName, disk, folder, platform, timeout, signal, note };
    const { start, packages } = await startBuilt(image, place);
    return { result: { kind: 'built', ...target, start, seconds, size }, packages };
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof CodedError)) throw error;
    return { result: { kind: 'failed', ...target, ...reasonOf(error as CodedError<string>) } };
  } finally {
    await release();
  }
}

async function buildInTime(
  image: PlannedBuild,
  build: PlatformBuild,
  place: { readonly imageName: string; readonly folder: string },
  { limits, signal: stop, note, ...options }: TryOptions,
) {
  const late = AbortSignal.timeout(limits.seconds * 1000);
  const printed: string[] = [];
  const keep = (line: string) => {
    printed.push(line);
    note(line);
  };
  try {
    const signal = AbortSignal.any([stop, late]);
    return await buildFrom(image, build, place, { ...options, limits, signal, note: keep });
  } catch (error) {
    if (!late.aborted || stop.aborted || error instanceof CodedError) throw error;
    const problem = `it is not built after ${limits.seconds} seconds`;
    const remedy =
      'see where the build hangs, or give it more time: --timeout, or buildTimeoutSeconds';
    throw new BuildError('BUILD_TIMEOUT', problem, remedy, printed.slice(-SHOWN_LINES));
  }
}

async function buildFrom(
  image: PlannedBuild,
  { platform, inputs }: PlatformBuild,
  { imageName, folder }: { readonly imageName: string; readonly folder: string },
  { root, limits: { bytes, seconds }, origin, signal, note }: TryOptions,
) {
  const world = {
    signal,
    note,
    longestDownload: seconds * 1000,
    largestDownload: bytes,
  };
  const folders = { downloads: join(cacheFolder(), 'downloads'), disks: join(folder, 'disks') };
  const disk =
    image.kind === 'vm-disk'
      ? await prepareDisk(diskRecipe(image, platform), folders, world)
      : undefined;
  const recipe = {
    dockerfile: join(root, image.dockerfile),
    target: image.target,
    tag: immutableTag(inputs),
  };
  const { dockerfile } = await openDockerfile(join(folder, 'dockerfile'), recipe);
  const files = { dockerfile, context: disk ?? join(root, image.context) };
  const described = { imageName, build: imageBuild(image, platform, files, origin) };
  return { disk, size: await buildImage(described, { bytes, signal, note }) };
}

export function reasonOf(error: CodedError<string>): Pick<Failed, 'code' | 'reason' | 'shown'> {
  const { code, problem, remedy } = error;
  const shown = error instanceof BuildError ? [...error.shown] : [];
  return { code, reason: `${code}  ${problem}; ${remedy}`, shown };
}
