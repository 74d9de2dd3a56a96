import { beforeEach, describe, expect, test } from 'vitest';
import { referencedVersionsType } from '../../infra/oci/referenced-versions-type.ts';
import type { Digest } from '../../src/image-reference.ts';
import type { Properties } from '../../infra/oci/protocol/resource-type.ts';
import type { Connect } from '../../infra/oci/connect.ts';
import type { RegistryClient } from '../../src/registry/registry-client.ts';
import { RegistryError } from '../../src/registry/registry-error.ts';
import { memoryRegistry, type MemoryRegistry } from './memory-registry.ts';
import { callsOf } from './resource-calls.ts';

const DAY_MS = 86_400_000;
const MARKER = 'unreferenced-20261124T120000Z';

const INPUTS = {
  registry: '127.0.0.1:5000',
  repositoryPrefix: 'p/images',
  gracePeriod: 30 * 86_400,
  needs: { 'debian-12': { 'release-1': 'v1' } },
  images: ['debian-12'],
};
const UNNEEDED = { ...INPUTS, needs: {} };

let registry: MemoryRegistry;
let now: Date;

beforeEach(() => {
  registry = memoryRegistry();
  now = new Date('2026-11-24T12:00:00.000Z');
});

const resource = (connect = registry.connect) =>
  callsOf(referencedVersionsType({ connect, now: () => now }));

async function created(inputs: Properties = INPUTS): Promise<Properties> {
  return (await resource().create(inputs)).outputs;
}

async function update(outputs: Properties = {}, inputs: Properties): Promise<Properties> {
  return (await resource().update(outputs, inputs)) ?? {};
}

function pass(days: number): void {
  now = new Date(now.getTime() + days * DAY_MS);
}

/** A registry that answers everything with "who are you?". */
const refuse: Connect = () =>
  Promise.resolve({
    headManifest: unknownHere,
    listTags: unknownHere,
  } as unknown as RegistryClient);

function unknownHere(): Promise<never> {
  return Promise.reject(new RegistryError('REGISTRY_UNAUTHORIZED', 'who are you', 'log in'));
}

describe('at first', () => {
  test('what the registry has is kept, by digest', async () => {
    const digest = registry.push('one', 'v1');
    const { outputs, refreshBeforeUpdate } = await resource().create(INPUTS);
    expect(outputs['digests']).toEqual([digest]);
    expect(refreshBeforeUpdate).toBe(false);
  });

  test('a preview writes nothing, and knows as much', async () => {
    const digest = registry.push('one', 'v1');
    const { outputs } = await resource().create(INPUTS, true);
    expect(outputs['digests']).toEqual([digest]);
    expect(registry.writes).toEqual([]);
  });

  test('what it does not have is asked for again by the next run, and changes no policy there', async () => {
    const { outputs, refreshBeforeUpdate } = await resource().create(INPUTS);
    expect(refreshBeforeUpdate).toBe(true);
    registry.push('one', 'v1');
    const read = await resource().read(INPUTS, outputs);
    expect(read?.refreshBeforeUpdate).toBe(false);
    expect(await resource().diff(INPUTS, INPUTS, read?.outputs)).toEqual({ changed: [] });
  });

  test('a registry that cannot be read is an error, never "nothing is needed"', async () => {
    await expect(resource(refuse).create(INPUTS)).rejects.toThrow(RegistryError);
  });

  test('markers in the registry stand in for a memory that was lost', async () => {
    const digest = registry.push('one', 'v1');
    registry.tags.set(MARKER, digest);
    expect((await created(UNNEEDED))['digests']).toEqual([digest]);
    pass(30);
    expect((await created(UNNEEDED))['digests']).toEqual([]);
  });
});

describe('after an update', () => {
  test('what the registry does not have yet is asked for by the next run, before it plans', async () => {
    const type = referencedVersionsType({ connect: registry.connect, now: () => now });
    const before = await created(UNNEEDED);
    expect(type.mustReadAgain?.(await update(before, INPUTS))).toBe(true);
    registry.push('one', 'v1');
    expect(type.mustReadAgain?.(await update(before, INPUTS))).toBe(false);
  });
});

describe('a day later', () => {
  test('a version that was published late joins, which is an update', async () => {
    const outputs = await created();
    const digest = registry.push('one', 'v1');
    const read = await resource().read(INPUTS, outputs);
    pass(1);
    const changed = await resource().diff(INPUTS, INPUTS, read?.outputs);
    expect(changed).toEqual({ changed: ['digests'] });
    const updated = await update(read?.outputs, INPUTS);
    expect(updated['digests']).toEqual([digest]);
  });
});

describe('when the last reference goes', () => {
  test('the version stays for the grace period, with a marker, and the alias is removed', async () => {
    const digest = registry.push('one', 'v1');
    registry.tags.set('release-1', digest);
    const outputs = await created();
    const updated = await update(outputs, UNNEEDED);
    expect(updated['digests']).toEqual([digest]);
    expect([...registry.tags.keys()].sort()).toEqual([MARKER, 'v1']);
    expect(registry.tags.get(MARKER)).toBe(digest);
  });

  test('a preview says so, and writes nothing', async () => {
    const digest = registry.push('one', 'v1');
    const outputs = await created();
    const updated = await resource().update(outputs, UNNEEDED, true);
    expect(updated?.['digests']).toEqual([digest]);
    expect(registry.writes).toEqual([]);
  });

  test('an alias that somebody else has moved is left alone', async () => {
    registry.push('one', 'v1');
    const outputs = await created();
    const other = registry.push('two', 'release-1');
    await resource().update(outputs, UNNEEDED);
    expect(registry.tags.get('release-1')).toBe(other);
  });

  test('nothing is written while the registry cannot say what is needed instead', async () => {
    registry.tags.set('release-1', registry.push('one', 'v1'));
    const outputs = await created();
    const writes = [...registry.writes];
    const blind = resource(async (...args) => {
      const client = await registry.connect(...args);
      const headManifest: typeof client.headManifest = (path, reference) =>
        reference === 'v2' ? unknownHere() : client.headManifest(path, reference);
      return { ...client, headManifest };
    });
    const moved = { ...INPUTS, needs: { 'debian-12': { 'release-2': 'v2' } } };
    await expect(blind.update(outputs, moved)).rejects.toThrow(RegistryError);
    expect(registry.writes).toEqual(writes);
  });

  test('a version that is gone needs no marker', async () => {
    const digest = registry.push('one', 'v1');
    const outputs = await created();
    registry.lose(digest);
    await resource().update(outputs, UNNEEDED);
    expect(registry.tags.size).toBe(0);
  });

  test('the end of the grace period is an update without any other change', async () => {
    registry.push('one', 'v1');
    const updated = await update(await created(), UNNEEDED);
    pass(30);
    expect(await resource().diff(UNNEEDED, UNNEEDED, updated)).toEqual({ changed: ['digests'] });
    const after = await update(updated, UNNEEDED);
    expect(after).toMatchObject({ digests: [], unreferenced: [] });
  });
});

describe('a registry that has changed', () => {
  test.each([
    ['moved', (first: Digest) => first],
    ['built again after it had vanished', (first: Digest) => (registry.lose(first), first)],
  ])(
    'a tag that was %s is followed by a refresh, and both versions are kept',
    async (_, change) => {
      const first = registry.push('one', 'v1');
      const outputs = await created();
      change(first);
      const second = registry.push('two', 'v1');
      const read = await resource().read(INPUTS, outputs);
      pass(1);
      const diff = await resource().diff(INPUTS, INPUTS, read?.outputs);
      expect(diff).toEqual({ changed: ['digests'] });
      const updated = await update(read?.outputs, INPUTS);
      expect(updated['digests']).toEqual([first, second].sort());
    },
  );

  test('another place is another memory', async () => {
    const news = { ...INPUTS, repositoryPrefix: 'p/other' };
    expect(await resource().diff(INPUTS, news, await created())).toMatchObject({
      replaces: ['repositoryPrefix'],
    });
  });
});

describe('a branch that names the image alone', () => {
  const PIN = { ...INPUTS, needs: { 'debian-12': { 'release-1': '' } } };

  test('is pinned to what latest is at the first look, which is kept at once', async () => {
    const first = registry.push('one', 'latest');
    const outputs = await created(PIN);
    expect(outputs).toMatchObject({
      digests: [first],
      pins: { 'debian-12': { 'release-1': first } },
    });
    registry.push('two', 'latest');
    expect(await resource().diff(PIN, PIN, outputs)).toEqual({ changed: [] });
  });

  test('is pinned to what its alias names, where the registry has that', async () => {
    const first = registry.push('one', 'release-1');
    registry.push('two', 'latest');
    expect((await created(PIN))['digests']).toEqual([first]);
  });

  test('that leaves and comes back within the grace period is pinned where it was', async () => {
    const first = registry.push('one', 'latest');
    const gone = await update(await created(PIN), UNNEEDED);
    registry.push('two', 'latest');
    pass(29);
    const back = await update(gone, PIN);
    expect(back).toMatchObject({ pins: { 'debian-12': { 'release-1': first } } });
  });

  test('that comes back later is pinned anew', async () => {
    registry.push('one', 'latest');
    const gone = await update(await created(PIN), UNNEEDED);
    const second = registry.push('two', 'latest');
    pass(30);
    const swept = await update(gone, UNNEEDED);
    const back = await update(swept, PIN);
    expect(back).toMatchObject({ pins: { 'debian-12': { 'release-1': second } } });
  });

  test('is pinned anew when what it was pinned to is gone', async () => {
    const first = registry.push('one', 'latest');
    const outputs = await created(PIN);
    registry.lose(first);
    const second = registry.push('two', 'latest');
    const read = await resource().read(PIN, outputs);
    expect(read?.outputs).toMatchObject({ pins: { 'debian-12': { 'release-1': second } } });
  });
});

describe('a version that is superseded before anybody could look', () => {
  test('has its grace period all the same', async () => {
    const outputs = await created();
    const first = registry.push('one', 'v1');
    const second = registry.push('two', 'v2');
    const news = { ...INPUTS, needs: { 'debian-12': { 'release-1': 'v2' } } };
    const updated = await update(outputs, news);
    expect(updated['digests']).toEqual([first, second].sort());
    expect(registry.tags.get(MARKER)).toBe(first);
  });
});

test('a registry that is yet to be made may refuse a preview, and never a run that acts', async () => {
  const { outputs } = await resource(refuse).create(INPUTS, true);
  expect(outputs['digests']).toEqual([]);
  await expect(resource(refuse).create(INPUTS)).rejects.toThrow(RegistryError);
});

describe('a run with nothing to learn', () => {
  test('asks the registry nothing', async () => {
    registry.push('one', 'v1');
    const outputs = await created();
    expect(await resource(refuse).diff(INPUTS, INPUTS, outputs)).toEqual({ changed: [] });
  });

  test('puts a read off that comes before the login', async () => {
    const outputs = await created();
    const read = await resource(refuse).read(INPUTS, outputs);
    expect(read).toEqual({ inputs: INPUTS, outputs, refreshBeforeUpdate: true });
  });
});
