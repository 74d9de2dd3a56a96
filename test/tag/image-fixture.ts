import type { BaseImage, Image } from '../../src/catalog/image.ts';
import { parseDigest, parseImageReference } from '../../src/image-reference.ts';

/** A base image with its digest made of one repeated hexadecimal digit. */
export function baseFixture(name = 'docker.io/library/debian:12', digit = 'a'): BaseImage {
  const reference = parseImageReference(name);
  const digest = parseDigest(`sha256:${digit.repeat(64)}`);
  if (reference === undefined || digest === undefined) throw new Error(`not a base: ${name}`);
  return { ...reference, digest };
}

/** An image built from `ctx`, in a tree that at least holds `ctx/Dockerfile`. */
export function imageFixture(changes: Partial<Image> = {}): Image {
  return {
    name: 'debian-12',
    distribution: 'debian',
    version: '12',
    base: baseFixture(),
    context: 'ctx',
    dockerfile: 'ctx/Dockerfile',
    args: {},
    platform: 'linux/amd64',
    ...changes,
  };
}
