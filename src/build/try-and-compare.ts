import { contentOf, isBuilt } from '../catalog/image.ts';
import { diffPackages } from '../packages/diff-packages.ts';
import { unknown, type Packages } from '../packages/package-list.ts';
import type { PlannedImage } from '../plan/plan-stack.ts';
import type { PlatformBuild } from '../tag/tag-catalog.ts';
import type { BuildResult, Built } from './build-results.ts';
import { publishedPackages } from './published-packages.ts';
import { tryCopy } from './try-copy.ts';
import { tryBuild, type TryOptions } from './try-build.ts';

/** Tries a build or a copy, and compares its packages with those that are published. Throws as `tryBuild` does. */
export async function tryAndCompare(
  image: PlannedImage,
  build: PlatformBuild,
  options: TryOptions,
): Promise<BuildResult> {
  const tried = isBuilt(image)
    ? await tryBuild(image, build, options)
    : await tryCopy(image, build, options);
  if (!('packages' in tried)) return tried.result;
  const { result, packages: now } = tried;
  const before = await readInTime(image, build.platform, options);
  const packages: Built['packages'] =
    now.kind === 'known' ? { kind: 'known', count: now.list.packages.length } : now;
  const found = diffPackages(before, now);
  const differences: Built['differences'] =
    found.kind === 'known' ? { kind: 'known', changes: [...found.changes] } : found;
  return { ...result, packages, differences };
}

/** The published packages, if they can be read in the time that a build has. */
async function readInTime(
  image: PlannedImage,
  platform: string,
  { limits: { seconds }, signal }: TryOptions,
): Promise<Packages> {
  const late = AbortSignal.timeout(seconds * 1000);
  try {
    const published = { ...image, kind: contentOf(image) };
    return await publishedPackages(published, platform, AbortSignal.any([signal, late]));
  } catch (error) {
    if (!late.aborted || signal.aborted) throw error;
    return unknown(`what is published could not be read within ${seconds} seconds`);
  }
}
