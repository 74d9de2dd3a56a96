import { beforeEach, describe, expect, test } from 'vitest';
import { tagType } from '../../infra/oci/tag-type.ts';
import {
  UNKNOWN,
  type Properties,
  type PropertyValue,
} from '../../infra/oci/protocol/resource-type.ts';
import type { Digest } from '../../src/image-reference.ts';
import { RegistryError } from '../../src/registry/registry-error.ts';
import { memoryRegistry, type MemoryRegistry } from './memory-registry.ts';
import { callsOf, PLACE } from './resource-calls.ts';

const ALIAS = { ...PLACE, tag: 'latest' };

let registry: MemoryRegistry;
let one: Digest;
let two: Digest;

beforeEach(() => {
  registry = memoryRegistry();
  one = registry.push('one', '12-abc');
  two = registry.push('two', '12-def');
});

const alias = (connect = registry.connect) => callsOf(tagType(connect));

describe('check', () => {
  test('an empty digest keeps the one of before, so that a failed build moves no alias', async () => {
    const { inputs } = await alias().check({ ...ALIAS, digest: '' }, { ...ALIAS, digest: one });
    expect(inputs).toEqual({ ...ALIAS, digest: one });
  });

  test('an empty digest at another place gives up nothing, the place included', async () => {
    const news = { ...ALIAS, registry: '127.0.0.1:1', repository: 'ci/other', digest: '' };
    const { inputs, failures } = await alias().check(news, { ...ALIAS, digest: one });
    expect(inputs).toEqual({ ...ALIAS, digest: one });
    expect(failures).toEqual([]);
  });

  test('refuses what is no digest', async () => {
    const { failures } = await alias().check({ ...ALIAS, digest: 'sha256:1' });
    expect(failures.map(({ property }) => property)).toEqual(['digest']);
  });

  test('lets pass a digest that is not known yet', async () => {
    const { failures } = await alias().check({ ...ALIAS, digest: UNKNOWN });
    expect(failures).toEqual([]);
  });
});

describe('diff', () => {
  const olds = { ...ALIAS, digest: 'sha256:a' };

  test.each(['registry', 'repository', 'tag'])('another %s replaces', async (part) => {
    const found = await alias().diff(olds, { ...olds, [part]: 'other' });
    expect(found).toEqual({ changed: [part], replaces: [part] });
  });

  test.each<PropertyValue>(['sha256:b', UNKNOWN])(
    'another digest moves the alias in place',
    async (digest) => {
      const found = await alias().diff(olds, { ...olds, digest });
      expect(found).toEqual({ changed: ['digest'], replaces: [] });
    },
  );

  test('the same digest is no difference', async () => {
    expect((await alias().diff(olds, olds)).changed).toEqual([]);
  });
});

describe('create and update', () => {
  test('point the alias at the digest, with the same bytes', async () => {
    const created = await alias().create({ ...ALIAS, digest: one });
    expect(created).toEqual({
      id: '127.0.0.1:5000/ci/debian-12:latest',
      outputs: { ...ALIAS, digest: one },
    });
    expect(registry.tags.get('latest')).toBe(one);
    const updated = await alias().update(created.outputs, { ...ALIAS, digest: two });
    expect(updated).toEqual({ ...ALIAS, digest: two });
    expect(registry.tags.get('latest')).toBe(two);
    expect(registry.writes).toEqual(['put latest', 'put latest']);
  });

  test('write nothing where the alias points there already', async () => {
    registry.tags.set('latest', one);
    await alias().create({ ...ALIAS, digest: one });
    expect(registry.writes).toEqual([]);
  });

  test.each([true, false])('write nothing in a preview (digest known: %s)', async (isKnown) => {
    const news: Properties = isKnown ? { ...ALIAS, digest: one } : { ...ALIAS, digest: UNKNOWN };
    const created = await alias().create(news, true);
    expect(created.outputs).toEqual(news);
    await expect(alias().update(created.outputs, news, true)).resolves.toEqual(news);
    expect(registry.writes).toEqual([]);
  });

  test('with an empty digest leave the alias to a later run', async () => {
    const { outputs } = await alias().create({ ...ALIAS, digest: '' });
    expect(outputs).toEqual({ ...ALIAS, digest: '' });
    expect(registry.writes).toEqual([]);
  });

  test('fail where the digest is not in the registry', async () => {
    registry.lose(one);
    const failure = alias().create({ ...ALIAS, digest: one });
    await expect(failure).rejects.toThrow(/^MANIFEST_MISSING .*up --refresh/);
    expect(registry.writes).toEqual([]);
  });

  test('fail when the alias reads back as something else', async () => {
    const connect: typeof registry.connect = async (...place) => ({
      ...(await registry.connect(...place)),
      putManifest: () => {
        registry.tags.set('latest', two);
        return Promise.resolve(one);
      },
    });
    const failure = alias(connect).create({ ...ALIAS, digest: one });
    await expect(failure).rejects.toThrow(/^TAG_NOT_MOVED .*reads back as/);
  });
});

describe('read', () => {
  test('shows where the alias points, in the inputs too, so that the next run moves it back', async () => {
    const state = { ...ALIAS, digest: one };
    registry.tags.set('latest', two);
    const read = await alias().read(state, state);
    expect(read).toEqual({
      inputs: { ...ALIAS, digest: two },
      outputs: { ...ALIAS, digest: two },
    });
    const next = await alias().diff(read?.inputs ?? {}, state);
    expect(next.changed).toEqual(['digest']);
  });

  test('says "gone" of an alias that is not there', async () => {
    const state = { ...ALIAS, digest: one };
    await expect(alias().read(state, state)).resolves.toBeUndefined();
  });

  test('claims no tag that it never pointed', async () => {
    registry.tags.set('latest', two);
    const state = { ...ALIAS, digest: '' };
    await expect(alias().read(state, state)).resolves.toEqual({ inputs: state, outputs: state });
  });

  test('never says "gone" of a registry that cannot be asked', async () => {
    const state = { ...ALIAS, digest: one };
    const unreachable = () =>
      Promise.reject(new RegistryError('REGISTRY_UNREACHABLE', 'no answer', 'start it'));
    await expect(alias(unreachable).read(state, state)).rejects.toThrow(RegistryError);
  });
});

describe('delete', () => {
  test('removes the alias and leaves the image', async () => {
    registry.tags.set('latest', one);
    const type = alias();
    await type.delete({ ...ALIAS, digest: one });
    expect(registry.tags.has('latest')).toBe(false);
    expect(registry.tags.get('12-abc')).toBe(one);
    expect(type.logged).toEqual([]);
  });

  test('leaves an alias that points elsewhere by now, and says so', async () => {
    registry.tags.set('latest', two);
    const type = alias();
    await type.delete({ ...ALIAS, digest: one });
    expect(registry.writes).toEqual([]);
    expect(type.logged).toEqual([expect.stringMatching(/^info: .*:latest points at .*left/)]);
  });

  test('says so where the registry cannot remove tags', async () => {
    registry = memoryRegistry({ removal: 'unsupported' });
    one = registry.push('one', 'latest');
    const type = alias();
    await type.delete({ ...ALIAS, digest: one });
    expect(type.logged).toEqual([expect.stringMatching(/^info: .*:latest stays/)]);
  });

  test('is content with an alias that is gone, or was never pointed', async () => {
    await alias().delete({ ...ALIAS, digest: one });
    registry.tags.set('latest', one);
    await alias().delete({ ...ALIAS, digest: '' });
    expect(registry.writes).toEqual([]);
  });
});
