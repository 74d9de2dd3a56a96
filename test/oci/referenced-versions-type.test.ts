import { beforeEach, describe, expect, test } from 'vitest';
import { referencedVersionsType } from '../../infra/oci/referenced-versions-type.ts';
import type { Properties } from '../../infra/oci/protocol/resource-type.ts';
import { RegistryError } from '../../src/registry/registry-error.ts';
import { failingRegistry, memoryRegistry, type MemoryRegistry } from './memory-registry.ts';
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

const update = (outputs: Properties = {}, inputs: Properties = INPUTS) =>
  resource().update(outputs, inputs);

const needing = (alias: string, tag: string) => {
  return { ...INPUTS, needs: { 'debian-12': { [alias]: tag } } };
};

function pass(days: number): void {
  now = new Date(now.getTime() + days * DAY_MS);
}

const refuse = failingRegistry('REGISTRY_UNAUTHORIZED');

describe('at first', () => {
  test.each([true, false])(
    'what the registry has is kept, by digest, and nothing is written (preview %s)',
    async (preview) => {
      const digest = registry.push('one', 'v1');
      const { outputs } = await resource().create(INPUTS, preview);
      expect(outputs['digests']).toEqual([digest]);
      expect(resource().refreshes(outputs)).toBe(false);
      expect(registry.writes).toEqual([]);
    },
  );

  test('a version that a branch names by digest is kept, whatever latest names', async () => {
    const digest = registry.push('one');
    registry.push('two', 'latest');
    const outputs = await created(needing('release-1', digest));
    expect(outputs).toMatchObject({ digests: [digest], pins: {} });
    const read = await resource().read(INPUTS, outputs);
    expect(read?.outputs).toEqual(outputs);
  });

  test('what it does not have is looked up by the next run, and changes no policy there', async () => {
    const outputs = await created();
    expect(resource().refreshes(outputs)).toBe(true);
    registry.push('one', 'v1');
    const now = (await resource().read(INPUTS, outputs))?.outputs ?? {};
    expect(resource().refreshes(now)).toBe(false);
    expect(await resource().diff(INPUTS, INPUTS, now)).toEqual({ changed: [] });
  });

  test('a registry that cannot be read is an error, never "nothing is needed"', async () => {
    await expect(resource(refuse).create(INPUTS)).rejects.toThrow(RegistryError);
  });

  test('a registry that is yet to be made may refuse a preview', async () => {
    const { outputs } = await resource(refuse).create(INPUTS, true);
    expect(outputs['digests']).toEqual([]);
  });

  test('markers in the registry stand in for a memory that was lost', async () => {
    const digest = registry.push('one', 'v1');
    registry.tags.set(MARKER, digest);
    expect((await created(UNNEEDED))['digests']).toEqual([digest]);
    pass(30);
    expect((await created(UNNEEDED))['digests']).toEqual([]);
  });
});

test('a version that was published late joins a day later, which is an update', async () => {
  const outputs = await created();
  const digest = registry.push('one', 'v1');
  const read = await resource().read(INPUTS, outputs);
  pass(1);
  const changed = await resource().diff(INPUTS, INPUTS, read?.outputs);
  expect(changed).toEqual({ changed: ['digests'] });
  expect((await update(read?.outputs))['digests']).toEqual([digest]);
});

describe('when the last reference goes', () => {
  test.each([
    ['with a marker, and the alias is removed', false, [MARKER, 'v1']],
    ['and a preview writes nothing', true, ['release-1', 'v1']],
  ])('the version stays for the grace period, %s', async (_, preview, tags) => {
    const digest = registry.push('one', 'v1');
    registry.tags.set('release-1', digest);
    const updated = await resource().update(await created(), UNNEEDED, preview);
    expect(updated['digests']).toEqual([digest]);
    expect([...registry.tags].sort()).toEqual(tags.toSorted().map((tag) => [tag, digest]));
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
        reference === 'v2'
          ? Promise.reject(new RegistryError('REGISTRY_UNREACHABLE', 'no response', 'start it'))
          : client.headManifest(path, reference);
      return { ...client, headManifest };
    });
    const moved = needing('release-2', 'v2');
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
    ['moved', false],
    ['built again after it had vanished', true],
  ])(
    'a tag that was %s is followed by a refresh, and both versions are kept',
    async (_, hasVanished) => {
      const first = registry.push('one', 'v1');
      const outputs = await created();
      if (hasVanished) registry.lose(first);
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
  const PIN = needing('release-1', '');

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

  test.each([
    [29, 'one', 'is pinned where it was'],
    [30, 'two', 'is pinned anew, after the grace period'],
  ])('that leaves and comes back %i days later has version %s: it %s', async (days, version) => {
    registry.push('one', 'latest');
    const gone = await update(await created(PIN), UNNEEDED);
    registry.push('two', 'latest');
    pass(days);
    const back = await update(await update(gone, UNNEEDED), PIN);
    const pin = registry.push(version);
    expect(back).toMatchObject({ pins: { 'debian-12': { 'release-1': pin } } });
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

test('a version that is superseded before anybody could look has its grace period all the same', async () => {
  const outputs = await created();
  const first = registry.push('one', 'v1');
  const second = registry.push('two', 'v2');
  const updated = await update(outputs, needing('release-1', 'v2'));
  expect(updated['digests']).toEqual([first, second].sort());
  expect(registry.tags.get(MARKER)).toBe(first);
});

test('a run with nothing to learn sends the registry no request', async () => {
  registry.push('one', 'v1');
  expect(await resource(refuse).diff(INPUTS, INPUTS, await created())).toEqual({ changed: [] });
});

test('a read that comes before the login is put off', async () => {
  const outputs = await created();
  expect(await resource(refuse).read(INPUTS, outputs)).toEqual({ inputs: INPUTS, outputs });
});
