import { sourceDateEpoch, type BuildArgument } from '../catalog/build-arguments.ts';
import type { BuildFiles } from '../catalog/image.ts';
import { formatImageReference } from '../image-reference.ts';
import type { PlannedBuild, PlannedContainer } from './plan-stack.ts';

/** What the labels of an image say about its origin. In the program, `Value` is an output of the engine. */
export interface Origin<Value> {
  readonly revision: Value;
  readonly source: Value;
  readonly created: Value;
}

type Arguments<Value> = Partial<Record<BuildArgument, string | Value>>;

/** How an image is built for a platform from some files: the one place that decides it. */
export function imageBuild<Value>(
  image: PlannedBuild,
  platform: string,
  { context, dockerfile }: BuildFiles,
  origin: Origin<Value>,
) {
  return { context, dockerfile, platform, target: image.target, args: argumentsOf(image, origin) };
}

/** The declared arguments and those of every build. */
function argumentsOf<Value>(
  image: PlannedBuild,
  { revision, source, created }: Origin<Value>,
): Readonly<Record<string, string | Value>> {
  const ofEveryBuild: Arguments<Value> = {
    VERSION: image.version,
    REVISION: revision,
    SOURCE: source,
    CREATED: created,
  };
  const ofBase = image.kind === 'container' ? baseArguments(image) : {};
  return { ...image.args, ...ofBase, ...ofEveryBuild };
}

function baseArguments({ base, snapshot = '' }: PlannedContainer): Arguments<never> {
  const { registry, repository, tag, digest } = base;
  return {
    BASE: formatImageReference({ registry, repository, digest }),
    BASE_NAME: formatImageReference({ registry, repository, tag }),
    BASE_DIGEST: digest,
    SNAPSHOT: snapshot,
    // Tools reject an empty SOURCE_DATE_EPOCH.
    ...(snapshot !== '' && { SOURCE_DATE_EPOCH: sourceDateEpoch(snapshot) }),
  };
}
