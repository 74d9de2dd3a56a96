import type { BuildInputs } from './build-inputs.ts';
import { type HashCache, sha256, hashContext, hashFile } from './hash-context.ts';
import type { ContainerImage, Image, DiskRecipe } from '../catalog/image.ts';
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
    target: target === undefined ? undefined : sha256([target]),
  };
}

function baseInputs({ base, snapshot }: ContainerImage): BuildInputs {
  return {
    base: sha256([base.digest]),
    snapshot: snapshot === undefined ? undefined : sha256([snapshot]),
  };
}

/** By code units: a locale's order would differ between machines. */
function byName([a]: readonly [string, string], [b]: readonly [string, string]): number {
  return a < b ? -1 : Number(a > b);
}

/** What a VM disk is made from and how, hashed. Where it was downloaded is no part of it. */
function diskInputs(recipe: DiskRecipe): BuildInputs {
  const inputs = Object.entries(diskBuildInputs(recipe));
  return Object.fromEntries(inputs.map(([name, value]) => [name, sha256([value])]));
}

/**
 * The way that disks are made here. Raised whenever the same recipe gives another disk than before:
 * then every disk gets a new tag.
 */
const CONVERSION_VERSION = 1;

/** What decides the bytes of a disk, by name. */
type DiskBuildInputs = Readonly<
  Record<'checksum' | 'packing' | 'format' | 'enlargeBy' | 'conversion', string>
>;

/**
 * What a disk is made from, and how. The URL is not among it: the same bytes from a mirror are the
 * same disk.
 */
export function diskBuildInputs({ source, enlargeBy }: DiskRecipe): DiskBuildInputs {
  return {
    checksum: source.checksum,
    packing: source.packing ?? 'none',
    format: source.format,
    enlargeBy: String(enlargeBy),
    conversion: String(CONVERSION_VERSION),
  };
}
