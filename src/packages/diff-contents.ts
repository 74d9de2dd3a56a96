import { compareTexts } from '../compare-texts.ts';
import { compareVersions } from './compare-versions.ts';
import { diffPackages, type PackageDifferences } from './diff-packages.ts';
import { unknown, type Packages } from './package-list.ts';

/** What is known of the image for one platform. */
export interface PlatformContent {
  /** What it was made from, such as `docker.io/library/debian:12@sha256:...`. */
  readonly base: string | undefined;
  /** Compressed, with all layers. */
  readonly sizeBytes: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly packages: Packages;
}

/** Two values that differ; one is `undefined` where an image has none. */
interface Difference<T = string> {
  readonly before: T | undefined;
  readonly after: T | undefined;
}

/** How the images of two versions for one platform differ; `undefined` for what does not. */
export interface ContentDifferences {
  readonly base: Difference | undefined;
  /** The newest kernel package with its version; `undefined` also where a package list is unknown. */
  readonly kernel: Difference | undefined;
  readonly sizeBytes: Difference<number> | undefined;
  /** In order of their names. */
  readonly labels: readonly (Difference & { readonly name: string })[];
  readonly packages: PackageDifferences;
}

/** Either may be `undefined`: a version need not have an image for the platform. */
export function diffContents(
  before: PlatformContent | undefined,
  after: PlatformContent | undefined,
): ContentDifferences {
  const none = unknown('there is no image for this platform');
  const [old, now] = [before?.packages ?? none, after?.packages ?? none];
  const olds = new Map(Object.entries(before?.labels ?? {}));
  const news = new Map(Object.entries(after?.labels ?? {}));
  const names = new Set([...olds.keys(), ...news.keys()]);
  const labels = [...names].sort().flatMap((name) => {
    const label = difference(olds.get(name), news.get(name));
    return label === undefined ? [] : [{ name, ...label }];
  });
  const isKnown = old.kind === 'known' && now.kind === 'known';
  return {
    base: difference(before?.base, after?.base),
    kernel: isKnown ? difference(kernelOf(old), kernelOf(now)) : undefined,
    sizeBytes: difference(before?.sizeBytes, after?.sizeBytes),
    labels,
    packages: diffPackages(old, now),
  };
}

function difference<T>(before: T | undefined, after: T | undefined): Difference<T> | undefined {
  return before === after ? undefined : { before, after };
}

/** The packages that hold a kernel, or only depend on one of the same version, by the names that distributions have. */
export const KERNEL =
  /^(?:linux-image-(?:unsigned-)?\d|kernel[\d.]*(?:-uek)?(?:-core)?$|kernel-default(?:-base)?$)/;

function kernelOf(packages: Packages): string | undefined {
  if (packages.kind === 'unknown') return undefined;
  const { format, packages: installed } = packages.list;
  const kernels = installed
    .filter(({ name }) => KERNEL.test(name))
    // `kernel-core` before `kernel`, which depends on it where both are there.
    .toSorted(
      (a, b) => compareVersions(format, b.version, a.version) || compareTexts(b.name, a.name),
    );
  return kernels[0] && `${kernels[0].name} ${kernels[0].version}`;
}
