import { isDeepStrictEqual } from 'node:util';
import {
  isObject,
  UNKNOWN,
  type Properties,
  type PropertyValue,
} from '../../../oci/protocol/resource-type.ts';
import { containsUnknown } from '../docker/image-inputs.ts';
import type { Settings } from './settings.ts';

/** Tells in Google's console what Pulumi made. */
const ATTRIBUTION = 'goog-pulumi-provisioned';

/**
 * The outputs that labels lead to: `pulumiLabels` are the program's and the provider's, and
 * `effectiveLabels` also whatever others have put on what is there.
 */
export function wantedLabels(
  labels: PropertyValue | undefined,
  was: Properties | undefined,
  { defaultLabels, attribution }: Settings,
): { pulumiLabels: PropertyValue; effectiveLabels: PropertyValue } {
  if (containsUnknown(labels)) return { pulumiLabels: UNKNOWN, effectiveLabels: UNKNOWN };
  const before = objectAt(was, 'effectiveLabels');
  const isAttributed =
    attribution === 'always' ||
    (attribution === 'at creation' && (was === undefined || ATTRIBUTION in before));
  const pulumiLabels: Properties = {
    ...defaultLabels,
    ...(isAttributed && { [ATTRIBUTION]: 'true' }),
    ...(isObject(labels) && labels),
  };
  const dropped = Object.keys(objectAt(was, 'pulumiLabels'));
  const others = Object.entries(before).filter(([key]) => !dropped.includes(key));
  return { pulumiLabels, effectiveLabels: { ...Object.fromEntries(others), ...pulumiLabels } };
}

/** Outputs from the labels that Google has. The program's and the provider's are known by `was`. */
export function readLabels(now: PropertyValue | undefined, was: Properties): Properties {
  const effectiveLabels = isObject(now) ? now : {};
  const those = (known: Properties) =>
    Object.fromEntries(Object.entries(effectiveLabels).filter(([key]) => key in known));
  const labels = those(objectAt(was, 'labels'));
  return {
    ...(Object.keys(labels).length > 0 && { labels }),
    pulumiLabels: those(objectAt(was, 'pulumiLabels')),
    effectiveLabels,
  };
}

/** Whether labels would have to be written, though the program's are as they were. */
export function labelsDiffer(was: Properties, wanted: Properties, settings: Settings): boolean {
  const { effectiveLabels } = wantedLabels(wanted['labels'], was, settings);
  return !sameLabels(was['effectiveLabels'], effectiveLabels);
}

/** Deep equality: unlike elsewhere, an empty text is a value like any other. */
export function sameLabels(was: PropertyValue | undefined, wanted: PropertyValue | undefined) {
  return isDeepStrictEqual(was ?? {}, wanted ?? {});
}

function objectAt(properties: Properties | undefined, name: string): Properties {
  const value = properties?.[name];
  return isObject(value) ? value : {};
}
