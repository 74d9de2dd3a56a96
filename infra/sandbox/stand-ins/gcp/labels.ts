import { isObject, UNKNOWN, type Properties } from '../../../oci/protocol/resource-type.ts';
import { containsUnknown } from '../docker/property-path.ts';
import { objectOf } from './property.ts';
import type { Settings } from './settings.ts';

/** Tells in Google's console what Pulumi made. */
const ATTRIBUTION = 'goog-pulumi-provisioned';

/**
 * The outputs that labels lead to: `pulumiLabels` are the program's and the provider's, and
 * `effectiveLabels` also those that others have put on the resource.
 */
export function plannedLabels(
  { labels = {} }: Properties,
  was: Properties | undefined,
  { defaultLabels, attribution }: Settings,
): Properties {
  if (containsUnknown(labels)) return { pulumiLabels: UNKNOWN, effectiveLabels: UNKNOWN };
  const before = objectOf(was ?? {}, 'effectiveLabels');
  const dropped = objectOf(was ?? {}, 'pulumiLabels');
  const isAttributed =
    attribution === 'always' ||
    (attribution === 'at creation' && (was === undefined || ATTRIBUTION in before));
  const pulumiLabels: Properties = {
    ...defaultLabels,
    ...(isAttributed ? { [ATTRIBUTION]: 'true' } : {}),
    ...(isObject(labels) ? labels : {}),
  };
  return { pulumiLabels, effectiveLabels: { ...without(before, dropped), ...pulumiLabels } };
}

/** The outputs by the labels that Google has. `was` tells which of them the program and the provider have set. */
export function readLabels(now: Properties, was: Properties): Properties {
  const own = (name: string) => without(now, without(now, objectOf(was, name)));
  const labels = own('labels');
  return {
    ...(Object.keys(labels).length > 0 ? { labels } : {}),
    pulumiLabels: own('pulumiLabels'),
    effectiveLabels: now,
  };
}

function without(labels: Properties, others: Properties): Properties {
  return Object.fromEntries(Object.entries(labels).filter(([name]) => !(name in others)));
}
