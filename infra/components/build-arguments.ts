import type pulumi from '@pulumi/pulumi';
import type { BuildArgument } from '../../src/catalog/build-arguments.ts';
import { sourceDateEpoch } from '../../src/catalog/source-date-epoch.ts';
import { formatImageReference } from '../../src/image-reference.ts';
import type { PlannedContainer, PlannedImage } from '../../src/plan/planned-image.ts';
import type { Publication } from '../oci/publication.ts';

type Arguments<Names extends BuildArgument> = Record<Names, pulumi.Input<string>>;

/**
 * The declared arguments and those that every build gets. Where the image comes from is what the
 * publication recorded when the tag was new, so a later commit is no change.
 */
export function buildArguments(
  image: PlannedImage,
  publication: Publication,
): Record<string, pulumi.Input<string>> {
  return {
    ...image.args,
    ...(image.kind === 'container' && baseArguments(image)),
    ...({
      VERSION: image.version,
      REVISION: publication.revision,
      SOURCE: publication.source,
      CREATED: publication.created,
    } satisfies Arguments<'VERSION' | 'REVISION' | 'SOURCE' | 'CREATED'>),
  };
}

/** Without a snapshot there is no `SOURCE_DATE_EPOCH`: tools refuse an empty one. */
function baseArguments({ base, snapshot }: PlannedContainer) {
  const { registry, repository, tag, digest } = base;
  return {
    BASE: formatImageReference({ registry, repository, digest }),
    SNAPSHOT: snapshot ?? '',
    ...(snapshot !== undefined && { SOURCE_DATE_EPOCH: sourceDateEpoch(snapshot) }),
    BASE_NAME: formatImageReference({ registry, repository, ...(tag !== undefined && { tag }) }),
    BASE_DIGEST: digest,
  } satisfies Partial<Arguments<BuildArgument>>;
}
