import { beforeEach, describe, expect, test } from 'vitest';
import { publicationType } from '../../infra/oci/publication-type.ts';
import { UNKNOWN, type Properties } from '../../infra/oci/protocol/resource-type.ts';
import { RegistryError } from '../../src/registry/registry-error.ts';
import { failingRegistry, memoryRegistry, type MemoryRegistry } from './memory-registry.ts';
import { callsOf, PLACE } from './resource-calls.ts';

const INPUTS = { ...PLACE, revision: 'c0ffee', pipeline: 'https://ci.example/1', source: 'here' };
const NOW = new Date('2026-08-21T10:20:30.456Z');

let registry: MemoryRegistry;
let ids: number;

beforeEach(() => {
  registry = memoryRegistry();
  ids = 0;
});

function publication(connect = registry.connect) {
  return callsOf(
    publicationType({ connect, now: () => NOW, random: () => String((ids += 1)).padStart(8, '0') }),
  );
}

const unreachable = failingRegistry('REGISTRY_UNREACHABLE');

async function created(): Promise<Properties> {
  return (await publication().create(INPUTS)).outputs;
}

describe('check', () => {
  test('keeps the provenance of the first publication, so that a later commit is no change', async () => {
    const news = { ...INPUTS, revision: 'beef', pipeline: '', source: 'there' };
    expect(await publication().check(news, INPUTS)).toEqual(INPUTS);
  });

  test.each(['registry', 'repository', 'tag'])(
    'takes the new provenance with another %s',
    async (part) => {
      const news = { ...INPUTS, revision: 'beef', [part]: 'other' };
      expect(await publication().check(news, INPUTS)).toEqual(news);
    },
  );
});

describe('diff', () => {
  test.each(['registry', 'repository', 'tag'])('another %s replaces', async (part) => {
    const found = await publication().diff(INPUTS, { ...INPUTS, [part]: 'other' });
    expect(found).toEqual({ changed: [part], replaces: [part] });
  });

  test('another tag names the build inputs that it changed with', async () => {
    const olds = { ...INPUTS, inputs: { base: '1', context: '2', target: '3' } };
    const news = { ...INPUTS, tag: 'other', inputs: { base: '1', context: '4', snapshot: '5' } };
    const found = await publication().diff(olds, news);
    const why = ['inputs.context', 'inputs.target', 'inputs.snapshot'];
    expect(found).toEqual({ changed: ['tag', ...why], replaces: ['tag'] });
  });

  test.each([
    ['revision', 'other'],
    ['pipeline', 'other'],
    ['source', 'other'],
    ['registryId', 'other'],
    ['inputs', { base: '1' }],
  ])('another %s with the same tag is no difference', async (part, value) => {
    const found = await publication().diff(INPUTS, { ...INPUTS, [part]: value });
    expect(found.changed).toEqual([]);
  });
});

describe('create', () => {
  test.each([false, true])(
    'of a tag that is not there asks for a build (preview %s)',
    async (preview) => {
      const { id, outputs } = await publication().create(INPUTS, preview);
      expect(id).toBe('127.0.0.1:5000/ci/debian-12:12-abc#00000001');
      const created = '2026-08-21T10:20:30Z';
      expect(outputs).toEqual({ ...INPUTS, published: false, digest: '', created });
      expect(publication().refreshes(outputs)).toBe(true);
    },
  );

  test.each([false, true])(
    'of a tag that is there adopts its digest, and writes nothing (preview %s)',
    async (preview) => {
      const digest = registry.push('one', PLACE.tag);
      const { outputs } = await publication().create(INPUTS, preview);
      expect(outputs).toMatchObject({ published: true, digest });
      expect(publication().refreshes(outputs)).toBe(false);
      expect(registry.writes).toEqual([]);
    },
  );

  test('sends no request to a registry that is yet to be made, and plans the build', async () => {
    const { outputs } = await publication(unreachable).create(
      { ...INPUTS, registryId: UNKNOWN },
      true,
    );
    expect(outputs).toMatchObject({ ...PLACE, published: false, digest: '' });
  });

  test('gives another id each time, which is what builds a vanished tag again', async () => {
    const type = publication();
    const first = await type.create(INPUTS);
    expect((await type.create(INPUTS)).id).not.toBe(first.id);
  });

  test('fails when the registry does not respond: neither build nor adopt would be safe', async () => {
    await expect(publication(unreachable).create(INPUTS)).rejects.toThrow('REGISTRY_UNREACHABLE');
  });
});

describe('read', () => {
  test('after the build finds its digest, and the next run need not look', async () => {
    const outputs = await created();
    const digest = registry.push('one', PLACE.tag);
    const now = { ...outputs, published: true, digest };
    expect(await publication().read(INPUTS, outputs)).toEqual({ inputs: INPUTS, outputs: now });
    expect(publication().refreshes(now)).toBe(false);
  });

  test('of a tag that is not there says "gone", also where the build failed', async () => {
    expect(await publication().read(INPUTS, await created())).toBeUndefined();
  });

  test.each([
    ['keeps the digest that consumers pinned when somebody overwrote the tag', false],
    ['takes the digest that is there once the one of before cannot be pulled', true],
  ])('%s', async (_, isLost) => {
    const before = registry.push('one', PLACE.tag);
    const outputs = await created();
    const after = registry.push('two', PLACE.tag);
    if (isLost) registry.lose(before);
    const read = await publication().read(INPUTS, outputs);
    expect(read?.outputs).toMatchObject({ published: true, digest: isLost ? after : before });
  });

  test.each(['REGISTRY_UNAUTHORIZED', 'REGISTRY_DENIED', 'REGISTRY_UNREACHABLE'] as const)(
    'that ends with %s is put off while a build is awaited, and an error once there is something to lose',
    async (code) => {
      const type = publication(failingRegistry(code));
      const pending = await created();
      expect(await type.read(INPUTS, pending)).toEqual({ inputs: INPUTS, outputs: pending });
      expect(type.refreshes(pending)).toBe(true);
      registry.push('one', PLACE.tag);
      await expect(type.read(INPUTS, await created())).rejects.toThrow(RegistryError);
    },
  );
});

describe('when the engine has not looked again (PULUMI_RUN_PROGRAM), or in vain', () => {
  test('what the last run published is found all the same, and never built again', async () => {
    const outputs = await created();
    const digest = registry.push('one', PLACE.tag);
    expect(await publication().diff(INPUTS, INPUTS, outputs)).toEqual({ changed: ['published'] });
    const updated = await publication().update(outputs, INPUTS);
    expect(updated).toEqual({ ...outputs, published: true, digest });
  });

  test('what it did not publish is no difference', async () => {
    expect(await publication().diff(INPUTS, INPUTS, await created())).toEqual({ changed: [] });
  });

  test('a registry that does not respond is an error of the run: it may be published', async () => {
    const outputs = await created();
    const type = publication(unreachable);
    expect(await type.diff(INPUTS, INPUTS, outputs)).toEqual({ changed: ['published'] });
    await expect(type.update(outputs, INPUTS)).rejects.toThrow('REGISTRY_UNREACHABLE');
  });

  test('a published tag costs no request', async () => {
    registry.push('one', PLACE.tag);
    const found = await publication(unreachable).diff(INPUTS, INPUTS, await created());
    expect(found).toEqual({ changed: [] });
  });
});
