import {
  parseRegistry,
  parseRepository,
  parseTag,
  type Registry,
  type Repository,
  type Tag,
} from '../../src/image-reference.ts';
import { readOptional, readProperty, recordOf, text } from './protocol/read-property.ts';
import type { Properties } from './protocol/resource-type.ts';
import { textOf } from './tagged-place.ts';

const byAlias = recordOf(text);

export interface AliasesPlace {
  readonly registry: Registry;
  readonly repository: Repository;
}

/**
 * Alias → the tag that it stands for, or the digest that it is pinned to; empty for what `latest` names
 * when the alias is made.
 */
export function aliasesOf(inputs: Properties): Readonly<Record<string, string>> {
  return readProperty(inputs, 'aliases', byAlias);
}

/** Alias → digest; without those whose tag is not in the registry. */
export function digestsOf(outputs: Properties): Readonly<Record<string, string>> {
  return readOptional(outputs, 'digests', byAlias).digests ?? {};
}

export function placeOf(properties: Properties): AliasesPlace {
  const registry = parseRegistry(textOf(properties, 'registry'));
  const repository = parseRepository(textOf(properties, 'repository'));
  if (registry !== undefined && repository !== undefined) return { registry, repository };
  throw new Error('aliases need a registry (a host) and a repository (a path)');
}

export function tagOf(text: string): Tag {
  const tag = parseTag(text);
  if (tag === undefined) throw new Error(`${text} is no tag`);
  return tag;
}
