import type { Problem } from '../problem.ts';
import type { Digest, ImageReference } from '../image-reference.ts';
import type { Platform } from '../platforms.ts';

/** A base image: a reference that names exactly one manifest. */
export type BaseImage = ImageReference & { readonly digest: Digest };

/** What images of all kinds have, all defaults and matrices resolved. */
interface AnyImage {
  /** Unique in the catalog; a valid repository path component, such as `debian-12`. */
  readonly name: string;
  readonly distribution: string;
  /** The distribution's version, such as `24.10`. */
  readonly version: string;
  /** Each `os/architecture[/variant]`, such as `linux/amd64`; at least one, none twice. */
  readonly platforms: readonly string[];
  /** A digest that counts as the image of these build inputs; no build input itself. */
  readonly adopt?: Digest;
}

/** How an image is built. Paths are relative to the checkout. */
interface Recipe {
  /** A directory. */
  readonly context: string;
  /** A file; usually inside the context, but it need not be. */
  readonly dockerfile: string;
  /** Build arguments as declared; the ones that every build gets are not among them. */
  readonly args: Readonly<Record<string, string>>;
  /** The Dockerfile stage to build; absent for the last one. */
  readonly target?: string;
}

/** How a container is started to be verified. */
interface ContainerStart {
  /** Shell commands that succeed in a started container that is up; absent where its systemd says so. */
  readonly verify?: readonly string[];
  /** Whether a container of it may be privileged to be verified. */
  readonly verifyPrivileged?: boolean;
}

/** A file system that containers run in, built on a base image. */
export interface ContainerImage extends AnyImage, Recipe, ContainerStart {
  readonly kind: 'container';
  readonly base: BaseImage;
  /** The date of the package archives, `YYYY-MM-DD`. */
  readonly snapshot?: string;
}

/** The disk of a virtual machine, as KubeVirt takes one from a registry: made from somebody's disk. */
export interface DiskImage extends AnyImage, Recipe {
  readonly kind: 'vm-disk';
  /** By platform. */
  readonly sources: Readonly<Record<string, DiskSource>>;
  /** How many bytes are added to the virtual size; 0 to leave it. */
  readonly enlargeBy: number;
}

/** What runs of an image: processes in a container, or a virtual machine on a disk. */
export const CONTENTS = ['container', 'vm-disk'] as const;

export type Content = (typeof CONTENTS)[number];

/** An image that was built elsewhere, copied as it is. */
export interface CopiedImage extends AnyImage, ContainerStart {
  readonly kind: 'copy';
  /** What is copied: an image, or an index of images for several platforms. */
  readonly from: BaseImage;
  readonly holds: Content;
}

/** An image that is built from files of the checkout. */
export type BuiltImage = ContainerImage | DiskImage;

/** One image of the catalog. */
export type Image = BuiltImage | CopiedImage;

export function isBuilt<Of extends Image>(image: Of): image is Exclude<Of, { kind: 'copy' }> {
  return image.kind !== 'copy';
}

/** What runs of an image, whoever has built it. */
export function contentOf(image: Pick<BuiltImage, 'kind'> | Pick<CopiedImage, 'kind' | 'holds'>) {
  return image.kind === 'copy' ? image.holds : image.kind;
}

/** What a build reads from the checkout. */
export type BuildFiles = Pick<Recipe, 'context' | 'dockerfile'>;

/** The position and the path in a catalog where a value is written. */
type Location = Pick<Problem, 'file' | 'line' | 'column' | 'path'>;

/** One image of a catalog, as far as it can be read. */
export interface CatalogEntry {
  /** Absent when something is missing or broken. */
  readonly image?: Image;
  /** Absent when there is no such context or Dockerfile, and of a copy. */
  readonly build?: BuildFiles;
  /** The place of the image's name, or of the version that the name ends with. */
  readonly location: Location;
  /** The places of a VM disk's checksums, by platform. */
  readonly checksumLocations?: Readonly<Record<string, Location>>;
}

/** What a disk is converted from, as `qemu-img` calls it. */
export const DISK_FORMATS = ['qcow2', 'raw', 'vmdk', 'vdi', 'vpc'] as const;

export type DiskFormat = (typeof DISK_FORMATS)[number];

/** How a download is packed. */
export const PACKINGS = ['xz'] as const;

export type Packing = (typeof PACKINGS)[number];

/** A disk that somebody else publishes: where it is, and what it must be. */
export interface DiskSource {
  /** `https://...`, or `http://...`: the checksum vouches for the content. */
  readonly url: string;
  /** The checksum of the file as downloaded, still packed. */
  readonly checksum: Checksum;
  /** Absent when it is not packed. */
  readonly packing?: Packing;
  /** The format of the unpacked disk. */
  readonly format: DiskFormat;
}

/** How the disk of one platform is made. */
export interface DiskRecipe extends Pick<DiskImage, 'enlargeBy'> {
  readonly source: DiskSource;
}

export function diskRecipe({ sources, enlargeBy }: DiskImage, platform: string): DiskRecipe {
  const source = sources[platform];
  if (source === undefined) throw new Error(`there is no disk for ${platform}`);
  return { source, enlargeBy };
}

/** What an image can be. */
export const KINDS = ['container', 'vm-disk', 'copy'] as const satisfies readonly Image['kind'][];

export type ImageKind = (typeof KINDS)[number];

/** Applies where neither an image nor the defaults name a kind. */
export const DEFAULT_KIND = 'container' satisfies ImageKind;

/** What a download must have: `sha256:` and 64 hexadecimal digits, or `sha512:` and 128, in lower case. */
export type Checksum = string & { readonly __brand: 'Checksum' };

export type ChecksumAlgorithm = 'sha256' | 'sha512';

const CHECKSUM = /^(?:sha256:[a-f0-9]{64}|sha512:[a-f0-9]{128})$/;

/** Absent for anything else, which includes an empty sum: upstream files have had those. */
export function parseChecksum(text: string): Checksum | undefined {
  return CHECKSUM.test(text) ? (text as Checksum) : undefined;
}

export function checksumAlgorithm(checksum: Checksum): ChecksumAlgorithm {
  return checksum.startsWith('sha512:') ? 'sha512' : 'sha256';
}

/** Applies where neither an image nor the defaults name a platform; never the host's. */
export const DEFAULT_PLATFORM = 'linux/amd64' satisfies Platform;

/** What a disk is imported from, and once it is no longer there: `images import` writes and compares it. */
export const IMPORT_ORIGINS = ['kubespray', 'kubespray (gone)'] as const;

export type ImportOrigin = (typeof IMPORT_ORIGINS)[number];
