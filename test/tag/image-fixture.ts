import {
  type BaseImage,
  type ContainerImage,
  type CopiedImage,
  type DiskImage,
  type DiskRecipe,
  type DiskSource,
  parseChecksum,
  type Checksum,
} from '../../src/catalog/image.ts';
import { parseDigest, parseImageReference } from '../../src/image-reference.ts';
import { known } from '../support/fixtures.ts';

/** A base image with its digest made of one repeated hexadecimal digit. */
export function baseFixture(name = 'docker.io/library/debian:12', digit = 'a'): BaseImage {
  const digest = known(parseDigest(`sha256:${digit.repeat(64)}`));
  return { ...known(parseImageReference(name)), digest };
}

/** An image built from `ctx`, in a tree that at least holds `ctx/Dockerfile`. */
export function imageFixture(changes: Partial<ContainerImage> = {}): ContainerImage {
  return {
    kind: 'container',
    name: 'debian-12',
    distribution: 'debian',
    version: '12',
    base: baseFixture(),
    context: 'ctx',
    dockerfile: 'ctx/Dockerfile',
    args: {},
    platforms: ['linux/amd64'],
    ...changes,
  };
}

/** A VM disk made with the recipe in `ctx`, in a tree that at least holds `ctx/Dockerfile`. */
export function diskFixture(changes: Partial<DiskImage> = {}): DiskImage {
  return {
    kind: 'vm-disk',
    name: 'vm-ubuntu-2404',
    distribution: 'ubuntu',
    version: '24.04',
    sources: { 'linux/amd64': recipeFixture().source },
    enlargeBy: 0,
    context: 'ctx',
    dockerfile: 'ctx/Dockerfile',
    args: {},
    platforms: ['linux/amd64'],
    ...changes,
  };
}

/** A copy, which needs nothing of the tree. */
export function copyFixture(changes: Partial<CopiedImage> = {}): CopiedImage {
  return {
    kind: 'copy',
    name: 'vm-kubespray-ci',
    distribution: 'kubespray-ci',
    version: 'v13',
    from: baseFixture('quay.io/kubespray/vm-kubespray-ci:v13'),
    holds: 'vm-disk',
    platforms: ['linux/amd64'],
    ...changes,
  };
}

/** How a disk is made of a published one. */
export function recipeFixture(changes: Partial<DiskSource> = {}): DiskRecipe {
  const url = 'https://upstream.test/noble/20260323/noble.qcow2';
  const source = { url, checksum: checksumFixture('a'), format: 'qcow2', ...changes } as const;
  return { source, enlargeBy: 0 };
}

/** `sha256:` and 64 times the same digit. */
export function checksumFixture(digit: string): Checksum {
  return known(parseChecksum(`sha256:${digit.repeat(64)}`));
}
