import { beforeEach, describe, expect, test } from 'vitest';
import { referencedVersionsType } from '../../infra/oci/referenced-versions-type.ts';
import type { Connect } from '../../infra/oci/connect.ts';
import type { Properties } from '../../infra/oci/protocol/resource-type.ts';
import { digestsOf } from '../../infra/oci/referenced-state.ts';
import { copyOf } from '../../src/registry/registry-client.ts';
import { RegistryError } from '../../src/registry/registry-error.ts';
import { INPUTS_LABEL } from '../../src/tag/build-inputs.ts';
import {
  failingRegistry,
  hidingRegistry,
  memoryRegistry,
  type MemoryRegistry,
} from './memory-registry.ts';
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

/** A run with a refresh: what the update, if there is one, makes of the outputs. */
async function run(type: ReturnType<typeof resource>, inputs: Properties, outputs: Properties) {
  const read = (await type.read(inputs, outputs)) ?? { inputs, outputs };
  const { changed } = await type.diff(read.inputs, inputs, read.outputs);
  return changed.length > 0 ? type.update(read.outputs, inputs) : read.outputs;
}

const refuse = failingRegistry('REGISTRY_UNAUTHORIZED');

/** An index, one of whose two members is gone. */
function pushIncomplete(tag: string) {
  const members = ['there', 'gone'].map((name) => registry.push(`${name} ${tag}`));
  const digest = registry.push(
    JSON.stringify({
      manifests: members.map((member) => ({ digest: member, platform: PLATFORM })),
    }),
    tag,
  );
  registry.lose(members[1] ?? digest);
  return digest;
}

const PLATFORM = { os: 'linux', architecture: 'amd64' };

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

  test.each(['v1', 'digest'])(
    'an index that lacks one of its members is kept, where a branch names its %s',
    async (what) => {
      const digest = pushIncomplete('v1');
      const outputs = await created(needing('release-1', what === 'v1' ? 'v1' : digest));
      expect(outputs['digests']).toEqual([digest]);
    },
  );

  test('a registry that cannot be read is an error, never "nothing is needed"', async () => {
    await expect(resource(refuse).create(INPUTS)).rejects.toThrow(RegistryError);
  });

  test('what only an alias names is marked, once a day however many runs know no other', async () => {
    registry.push('one', 'release-1');
    const marks = async (hours: number) => {
      pass(hours / 24);
      registry.writes.splice(0);
      await created(UNNEEDED);
      return registry.writes;
    };
    expect(await marks(0)).toEqual([`put ${MARKER}`]);
    expect(await marks(1)).toEqual([]);
    expect(await marks(22)).toEqual([]);
    expect(await marks(1)).toEqual(['put unreferenced-20261125T120000Z']);
    expect(await marks(1)).toEqual([]);
  });

  test('a registry that is yet to be made may refuse a preview', async () => {
    const { outputs } = await resource(refuse).create(INPUTS, true);
    expect(outputs['digests']).toEqual([]);
  });

  describe('markers in the registry stand in for a memory that was lost', () => {
    test('until their grace period has ended, by two runs', async () => {
      const digest = registry.push('one', MARKER);
      pass(60); // whatever this one clock says
      const outputs = await created(UNNEEDED);
      expect(outputs['digests']).toEqual([digest]);
      pass(1);
      expect((await update(outputs, UNNEEDED))['digests']).toEqual([]);
    });

    test('also at images of no catalog', async () => {
      registry = memoryRegistry({ listed: ['gone'] });
      const digest = registry.push('one', MARKER);
      const outputs = await created({ ...UNNEEDED, images: [] });
      expect(outputs['unreferenced']).toMatchObject([{ image: 'gone', digest }]);
    });

    test('with a warning where the registry does not list its images', async () => {
      const connect: Connect = async (...args) => {
        const client = await registry.connect(...args);
        return { ...client, listBelow: () => Promise.resolve(undefined) };
      };
      const type = resource(connect);
      await type.create(INPUTS);
      expect(type.logged).toEqual([expect.stringMatching(/^warning: .*p\/images: grace periods/)]);
    });

    test('with the aliases at them', async () => {
      const digest = registry.push('one', MARKER);
      registry.tags.set('release-2', digest);
      registry.push('two', 'release-3');
      const needs = { other: { 'release-2': 'v1', 'release-3': 'v1' } };
      const outputs = await created({ ...INPUTS, needs });
      expect(outputs['formerPins']).toMatchObject([{ image: 'debian-12', alias: 'release-2' }]);
    });

    test('with what aliases name, since a branch may just have left or moved on', async () => {
      const digest = registry.push('one', 'release-1');
      registry.push('two', 'ab'.repeat(16));
      registry.push('three', 'latest');
      registry.push('four', `${'ab'.repeat(16)}-linux-arm64`);
      const outputs = await created(UNNEEDED);
      expect(outputs).toMatchObject({ digests: [digest], formerPins: [] });
      expect((await created(needing('release-1', 'v2')))['digests']).toEqual([digest]);
    });

    test('but not with what a copy has as the tag of its source', async () => {
      registry.push('one', 'v13');
      const digest = registry.push('two', 'v1');
      const outputs = await created({ ...UNNEEDED, sourceTags: ['debian-12:v13', 'other:v1'] });
      expect(outputs['digests']).toEqual([digest]);
    });

    test('which stay where they are when another version loses its last reference that second', async () => {
      const [one, two] = [registry.push('one', MARKER), registry.push('two', 'release-1')];
      await created(UNNEEDED);
      const marked = [...registry.tags].filter(([tag]) => tag.startsWith('unreferenced-'));
      expect(marked.map(([, digest]) => digest)).toEqual([one, two]);
    });

    test('with what aliases named at an earlier loss', async () => {
      const [one, two] = [registry.push('one', 'release-1'), registry.push('two')];
      await created(UNNEEDED);
      registry.tags.set('release-1', two);
      pass(10);
      expect((await created(UNNEEDED))['digests']).toEqual([one, two].sort());
    });

    test('also at an index that lacks one of its members, whose others can be pulled', async () => {
      const named = [MARKER, 'release-1'].map((tag) => pushIncomplete(tag));
      const outputs = await created(UNNEEDED);
      expect(outputs['digests']).toEqual(named.toSorted());
    });

    test('and for one of an earlier day', async () => {
      const outputs = await created(UNNEEDED);
      const digest = registry.push('one', MARKER);
      registry.push('two', 'unreferenced-20260101T000000Z'); // long over
      const read = await resource().read(UNNEEDED, outputs);
      expect(await resource().diff(UNNEEDED, UNNEEDED, read?.outputs)).toEqual({
        changed: ['digests'],
      });
      expect((await update(outputs, UNNEEDED))['digests']).toEqual([digest]);
    });

    test('and for one of an earlier day, with what aliases of branches name, once', async () => {
      const commit = { commit: 'c'.repeat(40), committedAt: now.toISOString(), found: {} };
      const inputs = {
        ...UNNEEDED,
        branches: { 'ci release-1': { alias: 'release-1', ...commit } },
      };
      let outputs = await created(inputs);
      const [one, two] = [
        registry.push('one', 'release-1'),
        registry.push('two', 'release-1-v2-0123abcd'),
      ].sort();
      registry.tags.set('latest', one ?? registry.push('one'));
      registry.push('three', 'release-1.5');
      for (const [days, digests] of [
        [0, [one, two]],
        [31, [one, two]],
        [1, []],
        [1, []],
      ] as const) {
        pass(days);
        outputs = await resource().update(outputs, inputs);
        expect(outputs['digests']).toEqual(digests);
      }
    });
  });
});

test.each([
  ['is published late joins a day later', 0],
  ['was published long before a run looked joins at once', 1],
])('a version that %s, which is an update', async (_, days) => {
  const outputs = await created();
  const digest = registry.push('one', 'v1');
  pass(days);
  const read = await resource().read(INPUTS, outputs);
  pass(1 - days);
  const changed = await resource().diff(INPUTS, INPUTS, read?.outputs);
  expect(changed).toEqual({ changed: ['digests'] });
  expect((await update(read?.outputs))['digests']).toEqual([digest]);
});

test('a preview for which a repository is hidden goes by the state', async () => {
  const digest = registry.push('one', 'v1');
  const outputs = await created();
  const type = resource(hidingRegistry());
  const updated = await type.update(outputs, UNNEEDED, true);
  expect(updated).toMatchObject({ digests: [digest], unreferenced: [{ digest }] });
  const news = { ...INPUTS, needs: { 'debian-13': { main: 'v1' } } };
  const missing = await type.update(outputs, news, true);
  expect(missing).toMatchObject({ versions: [{ image: 'debian-13' }], digests: [digest] });
  expect((await type.diff(news, news, missing)).changed).not.toContain('versions');
});

describe('when the last reference goes', () => {
  test.each([
    ['with a marker, and the alias stays', false, [MARKER, 'release-1', 'v1']],
    ['and a preview writes nothing', true, ['release-1', 'v1']],
  ])('the version stays for the grace period, %s', async (_, preview, tags) => {
    const digest = registry.push('one', 'v1');
    registry.tags.set('release-1', digest);
    const updated = await resource().update(await created(), UNNEEDED, preview);
    expect(updated['digests']).toEqual([digest]);
    expect([...registry.tags].sort()).toEqual(tags.toSorted().map((tag) => [tag, digest]));
  });

  /** The last reference goes, and so does the grace period, by two runs. */
  async function retired(before: () => void, inputs = UNNEEDED) {
    registry.tags.set('release-1', registry.push('one', 'v1'));
    const type = resource();
    let outputs = await type.update(await created(), UNNEEDED);
    before();
    for (const days of [30, 1]) {
      pass(days);
      outputs = await type.update(outputs, inputs);
    }
    return { outputs, type };
  }

  test('its alias is removed at the end of the grace period', async () => {
    const { outputs } = await retired(() => undefined);
    expect(outputs).toMatchObject({ digests: [], unreferenced: [], formerPins: [] });
    expect([...registry.tags.keys()].sort()).toEqual([MARKER, 'v1'].sort());
  });

  test.each([
    ['that somebody else has moved', () => registry.push('two', 'release-1'), UNNEEDED],
    ['that a branch names as a tag', () => undefined, needing('main', 'release-1')],
    [
      'that the retention file allows',
      () => undefined,
      { ...UNNEEDED, keep: ['debian-12:release-1'] },
    ],
  ])('an alias %s is left alone', async (_, before, inputs) => {
    await retired(before, inputs);
    expect(registry.tags.has('release-1')).toBe(true);
  });

  test('an alias stays, with a warning, where the account may write tags and not remove them', async () => {
    const { connect } = registry;
    const denied = () => Promise.reject(new RegistryError('REGISTRY_DENIED', 'no', 'ask'));
    registry = {
      ...registry,
      connect: async (...args) => ({
        ...(await connect(...args)),
        deleteTag: denied,
        deleteManifest: denied,
      }),
    };
    const before = registry.tags.get('release-1');
    const { outputs, type } = await retired(() => undefined);
    expect(outputs).toMatchObject({ formerPins: [] });
    expect(registry.tags.get('release-1')).toBe(before ?? registry.tags.get('v1'));
    expect(type.logged).toContainEqual(expect.stringMatching(/^warning: .*:release-1 stays/));
  });

  test('its alias is removed by the next run when a run was killed at that', async () => {
    const { bytes } = copyOf({ mediaType: '', bytes: new TextEncoder().encode('one') });
    const copy = registry.push(new TextDecoder().decode(bytes));
    const { outputs } = await retired(() => registry.tags.set('release-1', copy));
    expect(outputs).toMatchObject({ formerPins: [] });
    expect(registry.tags.has('release-1')).toBe(false);
  });

  test('each version of an image has a marker', async () => {
    const [one, two] = [registry.push('one', 'v1'), registry.push('two', 'v2')];
    const both = { ...INPUTS, needs: { 'debian-12': { 'release-1': 'v1', 'release-2': 'v2' } } };
    await update(await created(both), UNNEEDED);
    const marked = [...registry.tags].filter(([tag]) => tag.startsWith('unreferenced-'));
    expect(marked.map(([, digest]) => digest).sort()).toEqual([one, two].sort());
  });

  describe('a version that its alias has not left, since the next one is not there or fails,', () => {
    async function failing(names: readonly string[], published: readonly string[]) {
      const digest = registry.push('one', 'v1');
      for (const name of names) registry.tags.set(name, digest);
      const outputs = await created(needing('main', 'v1'));
      for (const tag of published) registry.push(tag, tag);
      const commit = { alias: 'main', commit: 'c'.repeat(40), committedAt: now.toISOString() };
      const branches = { 'ci main': { ...commit, found: {} } };
      const inputs = { ...needing('main', 'v2'), branches };
      let updated = await update(outputs, inputs);
      const isKeptAfter = async (nights: number) => {
        for (let night = 0; night < nights; night++) {
          pass(1);
          updated = await run(resource(), inputs, updated);
        }
        return digestsOf(updated).includes(digest);
      };
      return isKeptAfter;
    }

    test.each([
      ['not there', []],
      ['there, and fails its verification', ['v2']],
    ])('has its grace period when latest leaves, too: %s', async (_, published) => {
      const isKeptAfter = await failing(['main', 'latest'], published);
      expect(await isKeptAfter(40)).toBe(true);
      const next = registry.push('v2', 'v2');
      for (const name of ['main', 'latest']) registry.tags.set(name, next);
      expect(await isKeptAfter(30)).toBe(true);
      expect(await isKeptAfter(2)).toBe(false);
    });

    test('has one grace period where latest does not name it', async () => {
      const isKeptAfter = await failing(['main'], []);
      expect(await isKeptAfter(30)).toBe(true);
      expect(await isKeptAfter(2)).toBe(false);
    });
  });

  test('a clock that is behind a commit does not count', async () => {
    registry.push('one', 'v1');
    const commit = { alias: 'main', commit: 'c'.repeat(40), committedAt: now.toISOString() };
    const branches = { 'ci main': { ...commit, found: {} } };
    const outputs = await created();
    pass(-60);
    await update(outputs, { ...UNNEEDED, branches });
    expect(registry.tags.has(MARKER)).toBe(true);
  });

  test('a clock that is behind or ahead of that of the registry does not count', async () => {
    const time = now;
    registry = memoryRegistry({ clock: () => time });
    const digest = registry.push('one', 'v1');
    const outputs = await created();
    pass(-60);
    let updated = await update(outputs, UNNEEDED);
    expect(registry.tags.get(MARKER)).toBe(digest);
    for (const days of [120, 1]) {
      pass(days);
      updated = await update(updated, UNNEEDED);
      expect(updated['digests']).toEqual([digest]);
    }
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

  test('the end of the grace period is two updates, a day apart, without any other change', async () => {
    const digest = registry.push('one', 'v1');
    let outputs = await update(await created(), UNNEEDED);
    for (const [days, changed, digests] of [
      [30, ['unreferenced', 'formerPins'], [digest]],
      [1, ['digests', 'formerPins'], []],
    ] as const) {
      pass(days);
      expect(await resource().diff(UNNEEDED, UNNEEDED, outputs)).toEqual({ changed });
      outputs = await update(outputs, UNNEEDED);
      expect(outputs['digests']).toEqual(digests);
      expect(await resource().diff(UNNEEDED, UNNEEDED, outputs)).toEqual({ changed: [] });
    }
  });
});

describe('a registry that has changed', () => {
  const IMMUTABLE = 'ab'.repeat(16);
  /** Requests of a run that look something up: the first, the second, and so on. */
  const EACH = [1, 2, 3, 4, 5, 6, 7, 8];
  const next = (inputs: Properties, outputs: Properties) => run(resource(), inputs, outputs);

  test.each([
    ['a tag that was moved', 'v1', false],
    ['a tag that was built again after it had vanished', 'v1', true],
    ['an immutable tag that was built again after it had vanished', IMMUTABLE, true],
  ])('%s is followed, and both versions are kept', async (_, tag, hasVanished) => {
    const first = registry.push('one', tag);
    const inputs = needing('release-1', tag);
    const outputs = await created(inputs);
    if (hasVanished) registry.lose(first);
    const second = registry.push('two', tag);
    expect((await next(inputs, outputs))['digests']).toEqual([first, second].sort());
  });

  test.each([
    ['names another version', () => registry.push('two', IMMUTABLE)],
    ['is gone', () => registry.tags.delete(IMMUTABLE)],
  ])('an immutable tag that %s is put back, as a change', async (_, meddle) => {
    const digest = registry.push('one', IMMUTABLE);
    const inputs = needing('release-1', IMMUTABLE);
    const outputs = await created(inputs);
    meddle();
    const read = await resource().read(inputs, outputs);
    const diff = await resource().diff(read?.inputs ?? {}, inputs, read?.outputs);
    expect(diff.changed).toEqual(['needs']);
    const type = resource();
    const updated = await type.update(read?.outputs ?? {}, inputs);
    expect(updated).toEqual(outputs);
    expect(registry.tags.get(IMMUTABLE)).toBe(digest);
    expect(type.logged).toEqual([expect.stringMatching(`warning: .*:${IMMUTABLE} .* put back`)]);
    expect(await resource().read(inputs, updated)).toEqual({ inputs, outputs });
  });

  test.each([
    ['was built after what was not ours lost its tag', false],
    ['was pushed again after another one took its place', true],
  ])('an immutable tag stays at the version with its label, which %s', async (_, wasFirst) => {
    const inputs = needing('main', IMMUTABLE);
    const labels = { [INPUTS_LABEL]: IMMUTABLE };
    if (wasFirst) registry.pushImage(labels, IMMUTABLE);
    let outputs = await created(inputs);
    const first = registry.tags.get(IMMUTABLE);
    if (first !== undefined) registry.lose(first);
    registry.push('two', IMMUTABLE);
    outputs = await next(inputs, outputs);
    const digest = registry.pushImage(labels, IMMUTABLE);
    outputs = await next(inputs, outputs);
    expect(registry.tags.get(IMMUTABLE)).toBe(digest);
    expect(outputs['versions']).toMatchObject([{ digest }]);
  });

  test.each([
    ['a tag', 'v1'],
    ['an immutable tag', IMMUTABLE],
    ['an image alone', ''],
  ])('%s that is not found, once, stays as it was', async (_, tag) => {
    registry.push('one', tag === '' ? 'release-1' : tag);
    registry.push('two', 'latest');
    const inputs = needing('release-1', tag);
    const outputs = await created(inputs);
    // Whichever request it is.
    for (const at of EACH) {
      expect(await run(resource(notFoundAt(at)), inputs, outputs)).toEqual(outputs);
    }
  });

  test('an immutable tag that was moved is put back, also when its version is not found, once', async () => {
    const digest = registry.push('one', IMMUTABLE);
    const inputs = needing('release-1', IMMUTABLE);
    const outputs = await created(inputs);
    for (const at of EACH) {
      registry.push('two', IMMUTABLE);
      const read = await resource(notFoundAt(at)).read(inputs, outputs);
      expect(read?.outputs).toMatchObject({ versions: [{ digest }] });
      await next(inputs, outputs);
      expect(registry.tags.get(IMMUTABLE)).toBe(digest);
    }
  });

  test('an immutable tag that was moved to another build for it is put back, whatever one response says', async () => {
    const labels = { [INPUTS_LABEL]: IMMUTABLE };
    const digest = registry.pushImage(labels, IMMUTABLE);
    const inputs = needing('release-1', IMMUTABLE);
    const outputs = await created(inputs);
    registry.pushImage({ ...labels, other: 'build' }, IMMUTABLE);
    for (const at of EACH) {
      const read = await resource(notFoundAt(at)).read(inputs, outputs);
      expect(read?.outputs).toMatchObject({ versions: [{ digest }] });
    }
  });

  test('a pin is the version of its alias when the state was lost, also if one response is false', async () => {
    const digest = registry.push('one', 'release-1');
    registry.push('two', 'latest');
    for (const at of EACH) {
      const { outputs } = await resource(notFoundAt(at)).create(needing('release-1', ''));
      expect(outputs).toMatchObject({ versions: [{ digest }], digests: [digest] });
    }
  });

  /** The registry, one of whose responses to look-ups is a false 404. */
  function notFoundAt(at: number): Connect {
    let requests = 0;
    const responseOf = <Found>(found: Found) =>
      ++requests === at ? Promise.resolve(undefined) : found;
    return async (...args) => {
      const client = await registry.connect(...args);
      return {
        ...client,
        headManifest: (...head) => responseOf(client.headManifest(...head)),
        getManifest: (...get) => responseOf(client.getManifest(...get)),
      };
    };
  }

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
    [30, 'one', 'is so also before a second run finds that the grace period is over'],
    [31, 'two', 'is pinned anew, after that'],
  ])('that leaves and comes back %i days later has version %s: it %s', async (days, version) => {
    registry.push('one', 'latest');
    const gone = await update(await created(PIN), UNNEEDED);
    registry.push('two', 'latest');
    pass(Math.min(days, 30));
    const over = await update(gone, UNNEEDED);
    pass(Math.max(days - 30, 0));
    const back = await update(await update(over, UNNEEDED), PIN);
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

test('a version that was built again has its grace period, if it was needed until now', async () => {
  const first = registry.push('one', 'v1');
  const outputs = await created();
  registry.lose(first);
  const second = registry.push('two', 'v1');
  expect((await update(outputs, UNNEEDED))['digests']).toContain(second);
});

test('a run with nothing to learn sends the registry no request', async () => {
  registry.push('one', 'v1');
  expect(await resource(refuse).diff(INPUTS, INPUTS, await created())).toEqual({ changed: [] });
});

test('a read that comes before the login is put off', async () => {
  const outputs = await created();
  expect(await resource(refuse).read(INPUTS, outputs)).toEqual({ inputs: INPUTS, outputs });
});
