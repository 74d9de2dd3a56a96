import { diffPackages } from '../packages/diff-packages.ts';
import type { PlannedImage } from '../plan/plan-stack.ts';
import type { PlatformBuild } from '../tag/tag-catalog.ts';
import type { BuildResult, Built } from './build-results.ts';
import { publishedPackages } from './published-packages.ts';
import { tryBuild, type TryOptions } from './try-build.ts';

/** Tries a build, and compares its packages with those that are published. Throws as `tryBuild` does. */
export async function tryAndCompare(
  image: PlannedImage,
  build: PlatformBuild,
  options: TryOptions,
): Promise<BuildResult> {
  const tried = await tryBuild(image, build, options);
  if (!('packages' in tried)) return tried.result;
  const { result, packages: now } = tried;
  const before = await publishedPackages(image, build.platform, options.signal);
  const packages: Built['packages'] =
    now.kind === 'known' ? { kind: 'known', count: now.list.packages.length } : now;
  const found = diffPackages(before, now);
  const differences: Built['differences'] =
    found.kind === 'known' ? { kind: 'known', changes: [...found.changes] } : found;
  return { ...result, packages, differences };
}
