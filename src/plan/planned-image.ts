import type { Image } from '../catalog/image.ts';
import type { ImageReference, Registry, Repository, Tag } from '../image-reference.ts';
import type { ImmutableTag } from '../tag/build-inputs.ts';

/** An image of the catalog, and what it is published as. */
export interface PlannedImage extends Image, ImmutableTag {
  readonly registry: Registry;
  /** `<prefix>/<name>`, without the registry. */
  readonly repository: Repository;
  /** `registry/repository:tag`, with the immutable tag. */
  readonly reference: ImageReference & { readonly tag: Tag };
}
