import type { PlannedImage, StackPlan } from './plan-stack.ts';
import { inputError } from '../problem.ts';
import { closest, didYouMean, quote } from '../yaml/wording.ts';

/**
 * The variable that names the one image that a run of the engine publishes. The program then declares nothing else: the
 * run must have the targets of `publishSteps`, without which the engine would delete all other resources of the stack.
 */
export const PUBLISH_ONLY = 'IMAGES_PUBLISH_ONLY';

/** The image of the catalog with this name. Throws an InvalidInputError (UNKNOWN_IMAGE). */
export function chooseImage(
  name: string,
  { images, settings }: Pick<StackPlan, 'images' | 'settings'>,
): PlannedImage {
  const found = images.find((image) => image.name === name);
  if (found !== undefined) return found;
  const names = images.map((image) => image.name);
  const others = names.length === 0 ? 'declare it there' : `the images are ${names.join(', ')}`;
  const problem = `${settings.catalogFile} has no image ${quote(name)}`;
  throw inputError('UNKNOWN_IMAGE', problem, didYouMean(closest(name, names), others));
}
