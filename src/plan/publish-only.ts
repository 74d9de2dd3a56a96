import type { PlannedImage, StackPlan } from './plan-stack.ts';
import type { Environment } from '../environment.ts';
import { inputError, InvalidInputError } from '../problem.ts';
import { closest, didYouMean, quote } from '../yaml/wording.ts';

/**
 * The variable that names the one image that a run of the engine publishes. The program then declares nothing else:
 * without targets, the engine would delete what else the stack has.
 */
export const PUBLISH_ONLY = 'IMAGES_PUBLISH_ONLY';

/** The engine's variable for its option `--target`, by which the program knows that the run has targets. */
const TARGETS = 'PULUMI_OPTION_TARGET';

/** The variables of a run of the engine that has these targets and publishes one image. */
export function publishOnlyVariables(name: string, targets: readonly string[]) {
  return { [PUBLISH_ONLY]: name, [TARGETS]: targets.join(',') };
}

/** The image that a run publishes alone; `undefined` for all. Throws an InvalidInputError for a run without its targets. */
export function publishedOnly(env: Environment): string | undefined {
  const { [PUBLISH_ONLY]: name = '', [TARGETS]: targets } = env;
  if (name === '') return undefined;
  const isTargeted = [true, false].some((isEmpty) => {
    return targets === targetsOf(name, { isEmpty }).join(',');
  });
  if (isTargeted) return name;
  throw inputError(
    'PUBLISH_WITHOUT_TARGETS',
    `${PUBLISH_ONLY} is set, and ${TARGETS} does not have the targets of ${quote(name)}: this run would delete all else of the stack`,
    `unset ${PUBLISH_ONLY}; to publish one image, run: npm run -s images -- publish ${name}`,
  );
}

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
      // The resources of one platform.
      `${image}$${type}::${name}:*`,
    ]),
    `${image}$oci:index:Tag::${name}-latest`,
    `${image}$oci:index:Tag::${name}-source-tag`,
    ...(isEmpty ? [`${branches}::supported-branches`] : []),
    `${branches}$oci:index:BranchAliases::${name}-branches`,
    `oci:index:Mirror::${name}-mirrors`,
  ].map((rest) => `urn:pulumi:*::*::${rest}`);
}
