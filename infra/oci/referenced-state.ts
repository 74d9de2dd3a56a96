import { parseDigest, parseRegistry, parseTag, type Registry } from '../../src/image-reference.ts';
import {
  keptDigests,
  keyOf,
  pinnedDigests,
  type NeededVersion,
  type TrackedVersions,
} from '../../src/branches/grace-period.ts';
import {
  listOf,
  number,
  object,
  parsed,
  readOptional,
  readProperty,
  recordOf,
  text,
  type Reader,
} from './protocol/read-property.ts';
import type { Properties } from './protocol/resource-type.ts';

export interface ReferencedInputs {
  readonly registry: Registry;
  readonly repositoryPrefix: string;
  /** Seconds. */
  readonly gracePeriod: number;
  readonly needs: readonly NeededVersion[];
  /** Names of images that may have versions in their grace period. */
  readonly images: readonly string[];
}

const tag = parsed(parseTag);
const digest = parsed(parseDigest);

export function inputsOf(properties: Properties): ReferencedInputs {
  return {
    registry: readProperty(properties, 'registry', parsed(parseRegistry)),
    repositoryPrefix: readProperty(properties, 'repositoryPrefix', text),
    gracePeriod: readProperty(properties, 'gracePeriod', number),
    needs: readProperty(properties, 'needs', needs),
    images: readProperty(properties, 'images', listOf(text)),
  };
}

export function trackedOf(outputs: Properties): TrackedVersions {
  return {
    versions: objectsOf(outputs, 'versions').map((version) => ({
      image: readProperty(version, 'image', text),
      alias: readProperty(version, 'alias', tag),
      tag: readOptional(version, 'tag', tag),
      digest: readOptional(version, 'digest', digest),
      foundAt: readOptional(version, 'foundAt', text),
    })),
    unreferenced: objectsOf(outputs, 'unreferenced').map(unreferencedOf),
    formerPins: objectsOf(outputs, 'formerPins').map((pin) => ({
      ...unreferencedOf(pin),
      alias: readProperty(pin, 'alias', tag),
    })),
  };
}

function objectsOf(outputs: Properties, name: string): readonly Properties[] {
  return readProperty(outputs, name, listOf(object));
}

function unreferencedOf(version: Properties) {
  return {
    image: readProperty(version, 'image', text),
    digest: readProperty(version, 'digest', digest),
    since: readProperty(version, 'since', text),
  };
}

/** The inputs, the tracked versions, and the digests that follow from it. */
export function outputsOf(properties: Properties, tracked: TrackedVersions, now: Date): Properties {
  const { gracePeriod } = inputsOf(properties);
  return {
    ...properties,
    ...propertiesOf(tracked),
    digests: keptDigests(tracked, gracePeriod, now),
  };
}

/** The tracked versions as the engine keeps it, and the pins that aliases follow. */
export function propertiesOf(tracked: TrackedVersions): Properties {
  const { versions, unreferenced, formerPins } = tracked;
  return {
    versions: versions.map((version) => ({ ...version })),
    unreferenced: unreferenced.map((version) => ({ ...version })),
    formerPins: formerPins.map((pin) => ({ ...pin })),
    pins: pinnedDigests(tracked),
  };
}

/** From image → alias → tag, which is empty for the image alone. Sorted: the engine keeps no order of keys. */
const needs: Reader<readonly NeededVersion[]> = (value) => {
  const byImage = recordOf(recordOf(text))(value);
  const all = Object.entries(byImage ?? {}).flatMap(([image, aliases]) =>
    Object.entries(aliases).map(([alias, tag]) => needOf(image, alias, tag)),
  );
  if (byImage === undefined || !all.every((need) => need !== undefined)) return undefined;
  return all.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
};

function needOf(image: string, aliasName: string, tagName: string): NeededVersion | undefined {
  const alias = parseTag(aliasName);
  if (alias === undefined || tagName === '') return alias && { image, alias };
  const tag = parseTag(tagName);
  return tag && { image, alias, tag };
}
