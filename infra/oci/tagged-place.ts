import {
  parseRegistry,
  parseRepository,
  parseTag,
  type Registry,
  type Repository,
  type Tag,
  type Digest,
} from '../../src/image-reference.ts';
import { damagedState } from './protocol/read-property.ts';
import { UNKNOWN, type CheckFailure, type Properties } from './protocol/resource-type.ts';
import type { RegistryClient } from '../../src/registry/registry-client.ts';
import { RegistryError } from '../../src/registry/registry-error.ts';

/** The place of a tag. A change of it replaces the resource. */
export interface TaggedPlace {
  readonly registry: Registry;
  readonly repository: Repository;
  readonly tag: Tag;
}

const PARTS = [
  ['registry', parseRegistry, 'a host, with a port where it has one, such as 127.0.0.1:5000'],
  ['repository', parseRepository, 'path components in lower case, such as ci/debian-12'],
  ['tag', parseTag, 'up to 128 letters, digits, dots, dashes and underscores'],
] as const;

/** Problems with the place; a part that is unknown is accepted. */
export function checkPlace(properties: Properties): CheckFailure[] {
  return PARTS.flatMap(([property, parse, remedy]) => {
    const value = properties[property];
    if (value === UNKNOWN || (typeof value === 'string' && parse(value) !== undefined)) return [];
    const found = typeof value === 'string' ? JSON.stringify(value) : 'the value';
    return [{ property, reason: `${found} is no ${property}: write ${remedy}` }];
  });
}

/** `undefined` while a part is unknown, in a preview only. */
export function parsePlace(properties: Properties): TaggedPlace | undefined {
  const registry = parseRegistry(textOf(properties, 'registry'));
  const repository = parseRepository(textOf(properties, 'repository'));
  const tag = parseTag(textOf(properties, 'tag'));
  if (registry === undefined || repository === undefined || tag === undefined) return undefined;
  return { registry, repository, tag };
}

/** The place of a resource that exists. Throws a StateError for a state that is damaged. */
export function knownPlace(properties: Properties): TaggedPlace {
  const place = parsePlace(properties);
  if (place !== undefined) return place;
  throw damagedState('registry, repository and tag are not what a run has written there');
}

/** The parts of the place that differ. */
export function changedPlace(olds: Properties, news: Properties): string[] {
  return PARTS.map(([property]) => property).filter((part) => olds[part] !== news[part]);
}

/** A property that is a text; empty when it is absent or unknown. */
export function textOf(properties: Properties, property: string): string {
  const value = properties[property];
  return typeof value === 'string' ? value : '';
}

/**
 * Makes a tag name a digest of the same repository, by writing the very bytes of its manifest under
 * the tag: no layer moves, no Docker daemon is needed, and the digest cannot come out different.
 * Writes nothing when the tag is there already. Throws `MANIFEST_MISSING` or `TAG_NOT_MOVED`.
 */
export async function pointTag(
  client: RegistryClient,
  repository: Repository,
  tag: Tag,
  digest: Digest,
): Promise<void> {
  const before = await client.headManifest(repository, tag);
  if (before?.digest === digest) return;
  const manifest = await client.getManifest(repository, digest);
  if (manifest === undefined) {
    throw new RegistryError(
      'MANIFEST_MISSING',
      `${repository}@${digest} is not in the registry, so ${tag} cannot point at it`,
      'run `pulumi up --refresh`, which builds again what vanished',
    );
  }
  await client.putManifest(repository, tag, manifest);
  const after = await client.headManifest(repository, tag);
  if (after?.digest === digest) return;
  throw new RegistryError(
    'TAG_NOT_MOVED',
    `${repository}:${tag} was written as ${digest} and reads back as ${after?.digest ?? 'nothing'}`,
    'make sure that nothing else moves this tag, and run again',
  );
}
