import { formatImageReference, type Digest } from '../../src/image-reference.ts';
import type { PlannedImage } from '../../src/plan/planned-image.ts';

/** What a consumer needs to use an image: a stack output, readable by a CI job. */
export interface PublishedImageOutput {
  /** `registry/repository@digest`: this very image, whatever happens to tags. */
  readonly reference: string;
  readonly repository: string;
  readonly digest: string;
  /** The immutable tag. */
  readonly tag: string;
  readonly aliases: readonly string[];
}

export function publishedImageOutput(
  { registry, repository }: PlannedImage,
  tag: string,
  digest: string,
  aliases: readonly string[],
): PublishedImageOutput {
  const reference = formatImageReference({ registry, repository, digest: digest as Digest });
  return { reference, repository, digest, tag, aliases };
}
