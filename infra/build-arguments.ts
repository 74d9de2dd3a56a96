import type pulumi from '@pulumi/pulumi';
import type { BuildArgument } from '../src/catalog/build-arguments.ts';
import { sourceDateEpoch } from '../src/catalog/source-date-epoch.ts';
import { formatImageReference } from '../src/image-reference.ts';
import type { PlannedImage } from '../src/plan/planned-image.ts';
import type { Publication } from './oci/publication.ts';

/**
 * The declared arguments and those that every build gets. Where the image comes from is what the
 * publication recorded when the tag was new, so a later commit is no change. Without a snapshot there
 * is no `SOURCE_DATE_EPOCH`: tools refuse an empty one.
 */
export function buildArguments(
  { args, base, version, snapshot }: PlannedImage,
  publication: Publication,
): Record<string, pulumi.Input<string>> {
  const { registry, repository, tag, digest } = base;
  return {
    ...args,
    ...({
      BASE: formatImageReference({ registry, repository, digest }),
      VERSION: version,
      SNAPSHOT: snapshot ?? '',
      BASE_NAME: formatImageReference({ registry, repository, ...(tag !== undefined && { tag }) }),
      BASE_DIGEST: digest,
      REVISION: publication.revision,
      SOURCE: publication.source,
      CREATED: publication.created,
    } satisfies Record<Exclude<BuildArgument, 'SOURCE_DATE_EPOCH'>, pulumi.Input<string>>),
    ...(snapshot !== undefined &&
      ({ SOURCE_DATE_EPOCH: sourceDateEpoch(snapshot) } satisfies Partial<
        Record<BuildArgument, string>
      >)),
  };
}
