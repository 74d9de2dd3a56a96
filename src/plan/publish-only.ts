import type { PlannedImage, StackPlan } from './plan-stack.ts';
import { InvalidInputError } from '../problem.ts';
import { closest, didYouMean, quote } from '../yaml/wording.ts';

/**
 * The variable that names the one image that a run of the engine publishes. The program then declares nothing else, so
 * such a run must have `targetsOf` the image: without them, the engine would delete what else the stack has.
 */
export const PUBLISH_ONLY = 'IMAGES_PUBLISH_ONLY';

/** An image of the catalog by its name. Throws an InvalidInputError. */
export function findImage(
  { images, settings }: Pick<StackPlan, 'images' | 'settings'>,
  name: string,
): PlannedImage {
  const image = images.find((one) => one.name === name);
  if (image !== undefined) return image;
  const names = images.map((one) => one.name);
  const remedy = didYouMean(closest(name, names), `the images are ${names.join(', ')}`);
  const problem = `there is no image ${quote(name)}`;
  const file = settings.catalogFile;
  throw new InvalidInputError([{ code: 'UNKNOWN_IMAGE', file, problem, remedy }]);
}

/**
 * What the engine is to touch, to publish one image: patterns of URNs, in which `*` stands for a text without a colon.
 * Each has the type, since the name of one image may begin with that of another. The parent of the aliases must be there
 * where the stack is empty, or the engine would not create it; elsewhere it must not, or the run would fail, since the
 * engine would have to delete its other children.
 */
export function targetsOf(name: string, { isEmpty }: { readonly isEmpty: boolean }) {
  const image = 'kubernetes-ci-images:index:PublishedImage';
  const branches = 'kubernetes-ci-images:index:SupportedBranches';
  return [
    `${image}::${name}`,
    `${image}$oci:index:Publication::${name}`,
    ...['docker:index/image:Image', 'oci:index:Verification'].flatMap((type) => [
      `${image}$${type}::${name}`,
      // Of a platform.
      `${image}$${type}::${name}:*`,
    ]),
    `${image}$oci:index:Tag::${name}-latest`,
    ...(isEmpty ? [`${branches}::supported-branches`] : []),
    `${branches}$oci:index:BranchAliases::${name}-branches`,
    `oci:index:Mirror::${name}-mirrors`,
  ].map((rest) => `urn:pulumi:*::*::${rest}`);
}
