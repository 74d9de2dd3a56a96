import { beforeEach, describe, expect, test } from 'vitest';
import { publicationType } from '../../infra/oci/publication-type.ts';
import { UNKNOWN } from '../../infra/oci/protocol/resource-type.ts';
import { RegistryError, type RegistryErrorCode } from '../../src/registry/registry-error.ts';
import { memoryRegistry, type MemoryRegistry } from './memory-registry.ts';
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

const unreachable = () =>
  Promise.reject(new RegistryError('REGISTRY_UNREACHABLE', 'no answer', 'start it'));

describe('check', () => {
  test('keeps the provenance of the first publication, so that a later commit is no change', async () => {
    const news = { ...INPUTS, revision: 'beef', pipeline: '', source: 'there' };
    const { inputs, failures } = await publication().check(news, INPUTS);
    expect(inputs).toEqual(INPUTS);
    expect(failures).toEqual([]);
  });

  test.each(['registry', 'repository', 'tag'])(
    'takes the new provenance with another %s',
    async (part) => {
      const news = { ...INPUTS, revision: 'beef', [part]: 'other' };
      const { inputs } = await publication().check(news, INPUTS);
      expect(inputs).toEqual(news);
    },
  );

  test('names every part of the place that the grammar refuses', async () => {
    const news = { ...INPUTS, registry: 'a b', repository: 'UPPER', tag: '-x' };
    const { failures } = await publication().check(news);
    expect(failures.map(({ property }) => property)).toEqual(['registry', 'repository', 'tag']);
  });

  test('lets pass what is not known yet', async () => {
    const { failures } = await publication().check({ ...INPUTS, registry: UNKNOWN });
    expect(failures).toEqual([]);
  });
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

  test('build inputs with the same tag are no difference', async () => {
    const found = await publication().diff(INPUTS, { ...INPUTS, inputs: { base: '1' } });
    expect(found.changed).toEqual([]);
  });

  test.each(['revision', 'pipeline', 'source', 'registryId'])(
    'another %s is no difference',
    async (part) => {
      const found = await publication().diff(INPUTS, { ...INPUTS, [part]: 'other' });
      expect(found.changed).toEqual([]);
    },
  );
});

describe('create', () => {
  test.each([false, true])(
    'of a tag that is not there asks for a build (preview %s)',
    async (preview) => {
      await expect(publication().create(INPUTS, preview)).resolves.toEqual({
        id: '127.0.0.1:5000/ci/debian-12:12-abc#00000001',
        outputs: { ...INPUTS, published: false, digest: '', created: '2026-08-21T10:20:30Z' },
        refreshBeforeUpdate: true,
      });
    },
  );

  test.each([false, true])(
    'of a tag that is there adopts its digest (preview %s)',
    async (preview) => {
      const digest = registry.push('one', PLACE.tag);
      const created = await publication().create(INPUTS, preview);
      expect(created.outputs).toMatchObject({ published: true, digest });
      expect(created.refreshBeforeUpdate).toBe(false);
    },
  );

  test('asks nothing of a registry that is yet to be made, and plans the build', async () => {
    const type = publication(unreachable);
    const created = await type.create({ ...INPUTS, registryId: UNKNOWN }, true);
    expect(created.outputs).toMatchObject({ ...PLACE, published: false, digest: '' });
  });

  test('gives another id each time, which is what builds a vanished tag again', async () => {
    const type = publication();
    const first = await type.create(INPUTS);
    const second = await type.create(INPUTS);
    expect(second.id).not.toBe(first.id);
  });

  test('promises nothing in a preview that does not know the tag yet', async () => {
    const { outputs } = await publication().create({ ...INPUTS, tag: UNKNOWN }, true);
    expect(outputs).toMatchObject({ published: UNKNOWN, digest: UNKNOWN });
  });

  test('fails when the registry cannot be asked: neither build nor adopt would be safe', async () => {
    await expect(publication(unreachable).create(INPUTS)).rejects.toThrow('REGISTRY_UNREACHABLE');
  });

  test('writes nothing', async () => {
    registry.push('one', PLACE.tag);
    await publication().create(INPUTS);
    expect(registry.writes).toEqual([]);
  });
});

describe('read', () => {
  test('after the build finds its digest, and need not be asked again', async () => {
    const { outputs } = await publication().create(INPUTS);
    const digest = registry.push('one', PLACE.tag);
    await expect(publication().read(INPUTS, outputs)).resolves.toEqual({
      inputs: INPUTS,
      outputs: { ...outputs, published: true, digest },
      refreshBeforeUpdate: false,
    });
  });

  test('of a tag that is not there says "gone", also where the build failed', async () => {
    const { outputs } = await publication().create(INPUTS);
    await expect(publication().read(INPUTS, outputs)).resolves.toBeUndefined();
  });

  test('never says "gone" of a registry that cannot be asked', async () => {
    registry.push('one', PLACE.tag);
    const { outputs } = await publication().create(INPUTS);
    await expect(publication(unreachable).read(INPUTS, outputs)).rejects.toThrow(RegistryError);
  });

  test('keeps the digest that consumers pinned when somebody overwrote the tag', async () => {
    const before = registry.push('one', PLACE.tag);
    const { outputs } = await publication().create(INPUTS);
    registry.push('two', PLACE.tag);
    const read = await publication().read(INPUTS, outputs);
    expect(read?.outputs).toMatchObject({ published: true, digest: before });
  });

  test('takes the digest that is there once the one of before cannot be pulled', async () => {
    const before = registry.push('one', PLACE.tag);
    const { outputs } = await publication().create(INPUTS);
    const after = registry.push('two', PLACE.tag);
    registry.lose(before);
    const read = await publication().read(INPUTS, outputs);
    expect(read?.outputs).toMatchObject({ published: true, digest: after });
  });
});

describe('before the program has logged in, or has given a better address', () => {
  const refused = (code: RegistryErrorCode) => () =>
    Promise.reject(new RegistryError(code, 'who are you', 'log in'));
  const PENDING = ['REGISTRY_UNAUTHORIZED', 'REGISTRY_DENIED', 'REGISTRY_UNREACHABLE'] as const;

  test.each(PENDING)(
    'a read that ends with %s is put off while a build is awaited',
    async (code) => {
      const { outputs } = await publication().create(INPUTS);
      await expect(publication(refused(code)).read(INPUTS, outputs)).resolves.toEqual({
        inputs: INPUTS,
        outputs,
        refreshBeforeUpdate: true,
      });
    },
  );

  test('it is an error of the run at the same address: it may be published', async () => {
    const { outputs } = await publication().create(INPUTS);
    const type = publication(refused('REGISTRY_UNREACHABLE'));
    expect(await type.diff(INPUTS, INPUTS, outputs)).toEqual({ changed: ['published'] });
    await expect(type.update(outputs, INPUTS)).rejects.toThrow('REGISTRY_UNREACHABLE');
  });

  test('a read that is refused is an error once there is something to lose', async () => {
    registry.push('one', PLACE.tag);
    const { outputs } = await publication().create(INPUTS);
    const type = publication(refused('REGISTRY_UNAUTHORIZED'));
    await expect(type.read(INPUTS, outputs)).rejects.toThrow(RegistryError);
  });
});

describe('when the engine has not looked again (PULUMI_RUN_PROGRAM)', () => {
  test('what the last run published is found all the same, and never built again', async () => {
    const { outputs } = await publication().create(INPUTS);
    const digest = registry.push('one', PLACE.tag);
    const found = await publication().diff(INPUTS, INPUTS, outputs);
    expect(found).toEqual({ changed: ['published'] });
    const updated = await publication().update(outputs, INPUTS);
    expect(updated).toEqual({ ...outputs, published: true, digest });
  });

  test('what it did not publish is no difference', async () => {
    const { outputs } = await publication().create(INPUTS);
    expect(await publication().diff(INPUTS, INPUTS, outputs)).toEqual({ changed: [] });
  });

  test('a published tag costs no request', async () => {
    registry.push('one', PLACE.tag);
    const { outputs } = await publication().create(INPUTS);
    const found = await publication(unreachable).diff(INPUTS, INPUTS, outputs);
    expect(found).toEqual({ changed: [] });
  });
});

test('delete leaves what was published', async () => {
  const digest = registry.push('one', PLACE.tag);
  const { outputs } = await publication().create(INPUTS);
  await publication().delete(outputs);
  expect(registry.tags.get(PLACE.tag)).toBe(digest);
  expect(registry.writes).toEqual([]);
});
