import type { BuildInputs } from './build-inputs.ts';
import { type HashCache, sha256, hashContext, hashFile } from './hash-context.ts';
import { diskRecipe, type DiskRecipe, type Image } from '../catalog/image.ts';
import { byKey } from '../compare-texts.ts';
import type { FileTree } from '../file-tree.ts';

/**
 * Hashes the build inputs of an image for one platform. Of the base image only the digest counts: the same manifest
 * through a mirror is the same base. The distribution's version is among the args, since every build gets
 * it as one. The image's name is no build input: it is nowhere in the image. Of a copy only the digest of what is copied
 * counts.
 *
 * Throws an InvalidInputError for contexts that can't be hashed.
 */
export function computeBuildInputs(
  image: Image,
  platform: string,
  tree: FileTree,
  cache: HashCache,
): BuildInputs {
  if (image.kind === 'copy') return hashed({ from: image.from.digest, platform });
  const { version, args, target } = image;
  const texts: Readonly<Record<string, string | undefined>> = {
    ...(image.kind === 'vm-disk'
      ? diskBuildInputs(diskRecipe(image, platform))
      : { base: image.base.digest, snapshot: image.snapshot }),
    args: JSON.stringify([version, ...Object.entries(args).toSorted(byKey)]),
    platform,
    target,
  };
  return {
    ...hashed(texts),
    dockerfile: hashFile(image.dockerfile, tree, cache),
    context: hashContext(image, tree, cache),
  };
}

function hashed(texts: Readonly<Record<string, string | undefined>>): BuildInputs {
  const hashes = Object.entries(texts).flatMap(([name, text]): [string, string][] =>
    text === undefined ? [] : [[name, sha256([text])]],
  );
  return Object.fromEntries(hashes);
}

/** Raised whenever the same recipe gives another disk than before: then every disk gets a new tag. */
const CONVERSION_VERSION = 1;

/**
 * What decides the bytes of a disk. The URL is not among it: the same bytes from a mirror are the same
 * disk.
 */
export function diskBuildInputs({ source, enlargeBy }: DiskRecipe) {
  return {
    checksum: source.checksum,
    packing: source.packing ?? 'none',
    format: source.format,
    enlargeBy: String(enlargeBy),
    conversion: String(CONVERSION_VERSION),
  };
}
