import type { Digest, ImageReference } from '../image-reference.ts';

/** A base image: a reference that names exactly one manifest. */
export type BaseImage = ImageReference & { readonly digest: Digest };

/** One image of the catalog, all defaults and matrices resolved. Paths are relative to the checkout. */
export interface Image {
  /** Unique in the catalog; a valid repository path component, such as `debian-12`. */
  readonly name: string;
  readonly distribution: string;
  /** The distribution's version, such as `24.10`. */
  readonly version: string;
  readonly base: BaseImage;
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
  /** "The package archives as of", `YYYY-MM-DD`. */
  readonly snapshot?: string;
}
