import type { PlannedImage } from '../plan/plan-stack.ts';
import type { Settings } from '../settings/settings.ts';
import type { PlatformBuild } from '../tag/tag-catalog.ts';
import { dockerClient } from '../verify/docker-client.ts';
import { VerifyError } from '../verify/verify-error.ts';
import type { BuildResult, BuildResults } from './build-results.ts';
import { tryAndCompare } from './try-and-compare.ts';
import type { TryOptions } from './try-build.ts';

/** What a run is to build. */
export interface Change {
  readonly image: PlannedImage;
  readonly build: PlatformBuild;
}

interface ChangeOptions extends Pick<TryOptions, 'origin' | 'signal' | 'note'> {
  readonly root: string;
  readonly settings: Pick<Settings, 'previewBuilds' | 'buildTimeout' | 'verifyTimeout'>;
  readonly tryOne?: typeof tryAndCompare;
  /** Why nothing can be built here; absent where something can. */
  readonly findObstacle?: (signal: AbortSignal) => Promise<string | undefined>;
  /** Milliseconds. */
  readonly now?: () => number;
}

/** Seconds until an image must be up, where the stack does not say. */
export const START_SECONDS = 600;

/** What a run lacks, or may not take, says nothing of the image. */
const NOT_OF_THE_IMAGE = [
  'MISSING_PROGRAM',
  'FOREIGN_PLATFORM',
  'BASE_UNREACHABLE',
  'NO_SPACE',
  'NOT_WRITABLE',
  // The registry that a copy comes from:
  'REGISTRY_UNREACHABLE',
  'REGISTRY_UNAUTHORIZED',
  'REGISTRY_DENIED',
  'REGISTRY_RATE_LIMITED',
  'DOCKER_CONFIG',
];

/**
 * Builds what a merge request changes, one image after the other, as far as the limits of number, time and space reach.
 * What does not fit is left out, by name. Throws the reason of `signal`.
 */
export async function buildChanges(
  changes: readonly Change[],
  options: ChangeOptions,
): Promise<BuildResults> {
  const { settings, signal, now = Date.now } = options;
  const { tryOne = tryAndCompare, findObstacle = findEngineObstacle } = options;
  const { most, seconds, bytes } = settings.previewBuilds;
  if (changes.length === 0 || most === 0) return { builds: [] };
  const obstacle = await findObstacle(signal);
  if (obstacle !== undefined) return { notBuilt: obstacle, builds: [] };
  const until = now() + seconds * 1000;
  let bytesLeft = bytes;
  const builds: BuildResult[] = [];
  const names = [...new Set(changes.map(({ image }) => image.name))].slice(0, most);
  for (const { image, build } of changes) {
    const secondsLeft = Math.ceil((until - now()) / 1000);
    const limit =
      (!names.includes(image.name) && `only ${most} are built (previewBuilds)`) ||
      (secondsLeft <= 0 && `${seconds} s for all builds are over (previewBuildSeconds)`) ||
      (bytesLeft <= 0 && `${bytes / 1e9} GB for all builds are taken (previewBuildGigabytes)`);
    const leftOut = (reason: string): BuildResult => ({
      kind: 'left-out',
      name: image.name,
      platform: build.platform,
      reason,
    });
    if (limit !== false) {
      builds.push(leftOut(limit));
      continue;
    }
    options.note(`== ${image.name} for ${build.platform}`);
    const result = await tryOne(image, build, {
      ...options,
      limits: { seconds: Math.min(settings.buildTimeout, secondsLeft), bytes: bytesLeft },
      startTimeout: Math.min(settings.verifyTimeout ?? START_SECONDS, secondsLeft),
    });
    const isLimited =
      result.kind === 'failed' &&
      (NOT_OF_THE_IMAGE.includes(result.code) ||
        result.code === 'BUILD_TOO_LARGE' ||
        (result.code === 'BUILD_TIMEOUT' && secondsLeft < settings.buildTimeout));
    builds.push(isLimited ? leftOut(result.reason) : result);
    if (result.kind === 'built') bytesLeft -= result.size;
  }
  return { builds };
}

async function findEngineObstacle(signal: AbortSignal): Promise<string | undefined> {
  try {
    await dockerClient(signal)('version', '--format', '{{.Server.Version}}');
    return undefined;
  } catch (error) {
    if (!(error instanceof VerifyError)) throw error;
    return `there is no Docker Engine to build with: ${error.problem}; ${error.remedy}`;
  }
}

/** Whether a merge request is to fail: an image does not build, or does not come up where the stack verifies. */
export function hasFailed(
  { builds }: BuildResults,
  { verifyTimeout }: Pick<Settings, 'verifyTimeout'>,
): boolean {
  return builds.some(
    (result) =>
      result.kind === 'failed' ||
      (result.kind === 'built' && result.start.kind === 'down' && verifyTimeout !== undefined),
  );
}
