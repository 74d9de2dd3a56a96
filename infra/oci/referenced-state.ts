import { compareTexts } from '../../src/compare-texts.ts';
import { parseDigest, parseRegistry, parseTag, type Tag } from '../../src/image-reference.ts';
import {
  keptDigests,
  keyOf,
  pinnedDigests,
  type NeededVersion,
  type TrackedVersions,
} from '../../src/branches/grace-period.ts';
import { attachmentProperties, withAttached, type Attachments } from './attachments.ts';
import {
  listOf,
  number,
  object,
  parsed,
  readOptional,
  readProperty,
  recordOf,
  text,
} from './protocol/read-property.ts';
import type { Properties } from './protocol/resource-type.ts';

const tag = parsed(parseTag);
const version = parsed((text) => parseTag(text) ?? parseDigest(text));
/** Empty for the image alone. */
const versionOrEmpty = parsed((text) => (text === '' ? '' : (parseTag(text) ?? parseDigest(text))));
const digest = parsed(parseDigest);

export function inputsOf(properties: Properties) {
  return {
    registry: readProperty(properties, 'registry', parsed(parseRegistry)),
    repositoryPrefix: readProperty(properties, 'repositoryPrefix', text),
    gracePeriod: readProperty(properties, 'gracePeriod', number),
    needs: needsOf(properties),
    images: readProperty(properties, 'images', listOf(text)),
    keep: readOptional(properties, 'keep', listOf(text)) ?? [],
    sourceTags: readOptional(properties, 'sourceTags', listOf(text)) ?? [],
  };
}

/** The aliases of the supported branches, and when their commits were made. */
export function branchesOf(properties: Properties) {
  const branches = readOptional(properties, 'branches', recordOf(object)) ?? {};
  return Object.values(branches).map((branch) => ({
    alias: readProperty(branch, 'alias', tag),
    committedAt: readProperty(branch, 'committedAt', text),
  }));
}

export function trackedOf(outputs: Properties): TrackedVersions {
  return {
    versions: objectsOf(outputs, 'versions').map((each) => ({
      image: readProperty(each, 'image', text),
      alias: readProperty(each, 'alias', tag),
      tag: readOptional(each, 'tag', version),
      digest: readOptional(each, 'digest', digest),
      // Two outputs have the names that are in the states of stacks.
      missedAt: readOptional(each, 'foundAt', text),
    })),
    unreferenced: objectsOf(outputs, 'unreferenced').map(unreferencedOf),
    formerAliases: objectsOf(outputs, 'formerPins').map((former) => ({
      ...unreferencedOf(former),
      alias: readProperty(former, 'alias', tag),
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
    endedAt: readOptional(version, 'endedAt', text),
  };
}

/** The digests that policies keep; none in the outputs of no run. */
export function digestsOf(outputs: Properties): readonly string[] {
  return readOptional(outputs, 'digests', listOf(text)) ?? [];
}

/** The inputs, the tracked versions, their attachments, and the digests that follow from it. */
export function outputsOf(
  properties: Properties,
  tracked: TrackedVersions,
  attachments: Attachments,
  { now, olds }: { readonly now: Date; readonly olds: Properties },
): Properties {
  const { gracePeriod } = inputsOf(properties);
  const kept = keptDigests(tracked, gracePeriod, now, digestsOf(olds));
  return {
    ...properties,
    ...propertiesOf(tracked),
    ...attachmentProperties(attachments),
    digests: withAttached(kept, attachments),
  };
}

/** The tracked versions as the engine keeps them, and the pins that aliases follow. */
export function propertiesOf(tracked: TrackedVersions): Properties {
  const { versions, unreferenced, formerAliases } = tracked;
  return {
    versions: versions.map(storedVersion),
    unreferenced: unreferenced.map((version) => ({ ...version })),
    formerPins: formerAliases.map((former) => ({ ...former })),
    pins: pinnedDigests(tracked),
  };
}

type StoredVersion = Omit<NeededVersion, 'missedAt'> & { readonly foundAt?: string };

function storedVersion({ missedAt, ...version }: NeededVersion): StoredVersion {
  return { ...version, foundAt: missedAt };
}

/** Sorted: the engine keeps no order of keys. */
function needsOf(properties: Properties): readonly NeededVersion[] {
  const byImage = readProperty(properties, 'needs', recordOf(recordOf(versionOrEmpty)));
  const needs = Object.entries(byImage).flatMap(([image, aliases]) =>
    Object.entries(aliases).map(([alias, tag]) => {
      return { image, alias: alias as Tag, tag: tag === '' ? undefined : tag };
    }),
  );
  return needs.sort((a, b) => compareTexts(keyOf(a), keyOf(b)));
}
