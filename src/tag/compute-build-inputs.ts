import type { BuildInputs } from './build-inputs.ts';
import { diskInputs } from './disk-inputs.ts';
import type { HashCache } from './hash-cache.ts';
import { hashContext, hashFile } from './hash-context.ts';
import { sha256 } from './sha256.ts';
import type { ContainerImage, Image } from '../catalog/image.ts';
import type { FileTree } from '../file-tree.ts';

/**
 * Hashes what an image is built from. Of the base image only the digest counts: the same manifest
 * through a mirror is the same base. So it is with a disk's checksum and its URL. The distribution's
 * version is among the args, since every build gets it as one. The image's name is no build input:
 * nothing in the image tells it.
 *
 * Throws an InvalidInputError for contexts that can't be hashed.
 */
export function computeBuildInputs(image: Image, tree: FileTree, cache: HashCache): BuildInputs {
  const { version, args, platform, target } = image;
  return {
    ...(image.kind === 'vm-disk' ? diskInputs(image) : baseInputs(image)),
    dockerfile: hashFile(image.dockerfile, tree, cache),
    context: hashContext(image, tree, cache),
    args: sha256([JSON.stringify([version, ...Object.entries(args).toSorted(byName)])]),
    platform: sha256([platform]),
    ...(target !== undefined && { target: sha256([target]) }),
  };
}

function baseInputs({ base, snapshot }: ContainerImage): BuildInputs {
  return {
    base: sha256([base.digest]),
    ...(snapshot !== undefined && { snapshot: sha256([snapshot]) }),
  };
}

/** By code units: a locale's order would differ between machines. */
function byName([a]: readonly [string, string], [b]: readonly [string, string]): number {
  return a < b ? -1 : Number(a > b);
}
