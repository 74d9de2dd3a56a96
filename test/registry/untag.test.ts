import { expect, test } from 'vitest';
import type { Registry, Repository, Tag } from '../../src/image-reference.ts';
import { untag } from '../../src/registry/registry-client.ts';
import { memoryRegistry, type MemoryRegistry } from '../oci/memory-registry.ts';

async function removeOld(registry: MemoryRegistry) {
  const client = await registry.connect('r.test' as Registry, new AbortController().signal);
  return untag(client, 'a' as Repository, 'old' as Tag);
}

test('a registry that can is asked to remove the tag, and only that', async () => {
  const registry = memoryRegistry();
  const digest = registry.push('content', 'old');
  expect(await removeOld(registry)).toBe('removed');
  expect(registry.manifests.has(digest)).toBe(true);
  expect(registry.writes).toEqual(['remove old']);
});

test('elsewhere the tag goes with a copy, and the manifest stays with its other tags', async () => {
  const registry = memoryRegistry({ removal: 'unsupported' });
  const digest = registry.push('content', 'old');
  registry.tags.set('kept', digest);
  expect(await removeOld(registry)).toBe('removed');
  expect([...registry.tags]).toEqual([['kept', digest]]);
  expect([...registry.manifests.keys()]).toEqual([digest]);
});

test('a tag that is not there is gone already', async () => {
  expect(await removeOld(memoryRegistry())).toBe('gone');
});
