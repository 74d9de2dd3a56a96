import type { DiskRecipe } from './disk-source.ts';
import type { Digest, ImageReference } from '../image-reference.ts';

/** A base image: a reference that names exactly one manifest. */
export type BaseImage = ImageReference & { readonly digest: Digest };

/** What images of all kinds have, all defaults and matrices resolved. Paths are relative to the checkout. */
interface AnyImage {
  /** Unique in the catalog; a valid repository path component, such as `debian-12`. */
  readonly name: string;
  readonly distribution: string;
  /** The distribution's version, such as `24.10`. */
  readonly version: string;
  /** A directory. */
  readonly context: string;
  /** A file; usually inside the context, but it need not be. */
  readonly dockerfile: string;
  /** Build arguments as declared; the ones that every build gets are not among them. */
  readonly args: Readonly<Record<string, string>>;
  /** `os/architecture[/variant]`, such as `linux/amd64`. */
  readonly platform: string;
  /** The Dockerfile stage to build; absent for the last one. */
  readonly target?: string;
}

/** A file system that containers run in, built on a base image. */
export interface ContainerImage extends AnyImage {
  readonly kind: 'container';
  readonly base: BaseImage;
  /** "The package archives as of", `YYYY-MM-DD`. */
  readonly snapshot?: string;
  /** Shell commands that succeed in a started container that is up; absent where its systemd says so. */
  readonly verify?: readonly string[];
}

/** The disk of a virtual machine, as KubeVirt takes one from a registry: made from somebody's disk. */
export interface DiskImage extends AnyImage, DiskRecipe {
  readonly kind: 'vm-disk';
}

/** One image of the catalog. */
export type Image = ContainerImage | DiskImage;
