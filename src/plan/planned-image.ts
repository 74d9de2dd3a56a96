import type { ContainerImage, DiskImage, Image } from '../catalog/image.ts';
import type { ImageReference, Registry, Repository, Tag } from '../image-reference.ts';
import type { ImmutableTag } from '../tag/build-inputs.ts';

/** What an image is published as. */
export interface PublishedAs extends ImmutableTag {
  readonly registry: Registry;
  /** `<prefix>/<name>`, without the registry. */
  readonly repository: Repository;
  /** `registry/repository:tag`, with the immutable tag. */
  readonly reference: ImageReference & { readonly tag: Tag };
}

/** An image of the catalog, and what it is published as. */
export type PlannedImage = Image & PublishedAs;

export type PlannedContainer = ContainerImage & PublishedAs;

export type PlannedDisk = DiskImage & PublishedAs;
