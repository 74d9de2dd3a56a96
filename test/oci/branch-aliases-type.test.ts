import { beforeEach, describe, expect, test } from 'vitest';
import { branchAliasesType } from '../../infra/oci/branch-aliases-type.ts';
import { UNKNOWN, type Properties } from '../../infra/oci/protocol/resource-type.ts';
import type { Digest } from '../../src/image-reference.ts';
import { RegistryError } from '../../src/registry/registry-error.ts';
import { INPUTS_LABEL } from '../../src/tag/build-inputs.ts';
import { rejection } from '../support/fixtures.ts';
import { hidingRegistry, memoryRegistry, type MemoryRegistry } from './memory-registry.ts';
import { callsOf } from './resource-calls.ts';

const PLACE = { registry: '127.0.0.1:5000', repository: 'p/images/debian-12' };
const EXACT = { ...PLACE, aliases: { 'release-1': 'v1' } };
const PIN = { ...PLACE, aliases: { 'release-1': '' } };
const FOLLOWING = { ...PLACE, aliases: { 'release-1': 'latest' } };

let registry: MemoryRegistry;

beforeEach(() => {
  registry = memoryRegistry();
});

const resource = () => callsOf(branchAliasesType(registry.connect));
const alias = () => registry.tags.get('release-1');

async function created(inputs: Properties): Promise<Properties> {
  return (await resource().create(inputs)).outputs;
}

describe('an alias of a tag', () => {
  test('points at what the tag names', async () => {
    const digest = registry.push('one', 'v1');
    expect(await created(EXACT)).toEqual({ ...EXACT, digests: { 'release-1': digest } });
    expect(alias()).toBe(digest);
  });

  test('follows the branch to another tag', async () => {
    registry.push('one', 'v1');
    const outputs = await created(EXACT);
    const next = registry.push('two', 'v2');
    const news = { ...PLACE, aliases: { 'release-1': 'v2' } };
    expect(await resource().diff(EXACT, news, outputs)).toEqual({ changed: ['aliases'] });
    await resource().update(outputs, news);
    expect(alias()).toBe(next);
  });

  test('is left out while the registry does not have the tag', async () => {
    const { outputs } = await resource().create(EXACT);
    expect(outputs['digests']).toEqual({});
    expect(await resource().diff(EXACT, EXACT, outputs)).toEqual({ changed: [] });
    registry.push('one', 'v1');
    expect(await resource().diff(EXACT, EXACT, outputs)).toEqual({ changed: ['aliases'] });
  });
});

test('an alias stands for what it stood for in a preview for which its repository is hidden', async () => {
  const digest = registry.push('one', 'v1');
  const outputs = await created(EXACT);
  const hidden = callsOf(branchAliasesType(hidingRegistry()));
  expect((await hidden.create(EXACT, true)).outputs['digests']).toEqual({});
  for (const news of [EXACT, PIN]) {
    const updated = await hidden.update(outputs, news, true);
    expect(updated['digests']).toEqual({ 'release-1': digest });
  }
});

test.each([
  ['from another version', 'one', ['aliases']],
  ['from the version that latest names', 'two', []],
])(
  'an alias of a digest that follows latest from now on, %s, is changed: %o',
  async (_, content, changed) => {
    registry.push('one');
    registry.push('two', 'latest');
    const before = { ...PLACE, aliases: { 'release-1': registry.push(content) } };
    const outputs = await created(before);
    expect(await resource().diff(before, FOLLOWING, outputs)).toEqual({ changed });
  },
);

describe('an alias of an immutable tag', () => {
  const TAG = 'ab'.repeat(16);
  const INPUTS = { ...PLACE, aliases: { 'release-1': TAG } };

  /** A run with a refresh, after something has happened to a version that was published. */
  async function next(happen: (digest: Digest) => void) {
    const first = registry.push('one', TAG);
    const outputs = await created(INPUTS);
    happen(first);
    const read = (await resource().read(INPUTS, outputs)) ?? { inputs: INPUTS, outputs };
    const { changed } = await resource().diff(read.inputs, INPUTS, read.outputs);
    return { first, changed, update: () => resource().update(read.outputs, INPUTS) };
  }

  test('stays where it is when the tag is moved', async () => {
    const { first, changed, update } = await next(() => registry.push('two', TAG));
    expect(changed).toEqual([]);
    await update();
    expect(alias()).toBe(first);
  });

  test('fails when what the tag named is gone, and says both digests', async () => {
    const { first, changed, update } = await next((digest) => {
      registry.lose(digest);
      registry.push('two', TAG);
    });
    expect(changed).toEqual(['aliases']);
    const error = await rejection(update(), RegistryError);
    expect(error.code).toBe('TAG_OVERWRITTEN');
    expect(error.message).toContain(first);
    expect(error.message).toContain(registry.push('two'));
  });

  test('goes to the digest that the catalog adopts where what the tag named is gone', async () => {
    const first = registry.push('one', TAG);
    const outputs = await created(INPUTS);
    registry.lose(first);
    const second = registry.push('two', TAG);
    const other = { ...INPUTS, adopt: first };
    expect((await rejection(resource().update(outputs, other), RegistryError)).code).toBe(
      'TAG_OVERWRITTEN',
    );
    const adopting = { ...INPUTS, adopt: second };
    const digests = { 'release-1': second };
    expect(await resource().update(outputs, adopting)).toEqual({ ...adopting, digests });
    expect(alias()).toBe(second);
  });

  test.each([
    ['was not', false],
    ['is gone', true],
  ])('goes to what was built for the tag where the image before %s', async (_, isGone) => {
    const first = registry.push('one', TAG);
    const outputs = await created(INPUTS);
    if (isGone) registry.lose(first);
    const second = registry.pushImage({ [INPUTS_LABEL]: TAG }, TAG);
    await resource().update(outputs, INPUTS);
    expect(alias()).toBe(second);
  });

  test('follows the tag when both had vanished, since it was built again', async () => {
    const { changed, update } = await next((digest) => {
      registry.lose(digest);
    });
    expect(changed).toEqual(['aliases']);
    const second = registry.push('two', TAG);
    await update();
    expect(alias()).toBe(second);
  });
});

test('an alias of a digest that is yet to be built waits for the run', async () => {
  registry.push('one', 'latest');
  const known = { ...PLACE, aliases: { main: 'latest' } };
  const outputs = await created(known);
  const news: Properties = { ...PLACE, aliases: { main: UNKNOWN } };
  expect(await resource().diff(known, news, outputs)).toEqual({ changed: ['aliases'] });
  const planned = { ...news, digests: UNKNOWN };
  expect(await resource().update(outputs, news, true)).toEqual(planned);
  expect((await resource().create(news, true)).outputs).toEqual(planned);
  // A run in which the build fails does not know what latest names, which has not moved.
  const [digest] = registry.tags.values();
  const pointed = { ...PLACE, aliases: { main: digest ?? '' } };
  expect(await resource().diff(pointed, known, outputs)).toEqual({ changed: [] });
});

describe('a pin', () => {
  test('is made once, at what latest is then, and does not move when latest moves', async () => {
    const first = registry.push('one', 'latest');
    const outputs = await created(PIN);
    expect(alias()).toBe(first);
    registry.push('two', 'latest');
    expect(await resource().diff(PIN, PIN, outputs)).toEqual({ changed: [] });
    await resource().update(outputs, { ...PLACE, aliases: { 'release-1': '', 'release-2': '' } });
    expect(alias()).toBe(first);
  });

  test('with a digest is pointed there, which is no change of one that was made so', async () => {
    const first = registry.push('one', 'latest');
    const outputs = await created(PIN);
    registry.push('two', 'latest');
    const known = { ...PLACE, aliases: { 'release-1': first } };
    expect(await resource().diff(PIN, known, outputs)).toEqual({ changed: [] });
    registry.tags.delete('release-1');
    await created(known);
    expect(alias()).toBe(first);
  });

  test('that somebody moved before it was known, and that is known as such, is put back there', async () => {
    const first = registry.push('one', 'latest');
    const outputs = await created(PIN);
    const moved = registry.push('two', 'release-1');
    const known = { ...PLACE, aliases: { 'release-1': moved } };
    const night = async (inputs: Properties, olds: Properties) => {
      const read = await resource().read(inputs, olds);
      const { changed } = await resource().diff(read?.inputs ?? {}, known, read?.outputs ?? {});
      return changed.length === 0 ? olds : resource().update(olds, known);
    };
    const after = await night(PIN, outputs);
    registry.tags.set('release-1', first);
    await night(known, after);
    expect(alias()).toBe(moved);
  });

  test('that the registry has already stays, also when the state was lost', async () => {
    const first = registry.push('one', 'release-1');
    registry.push('two', 'latest');
    await created(PIN);
    expect(alias()).toBe(first);
  });

  test('is made anew when its version has gone', async () => {
    const first = registry.push('one', 'latest');
    const outputs = await created(PIN);
    registry.lose(first);
    const second = registry.push('two', 'latest');
    await resource().update(outputs, PIN);
    expect(alias()).toBe(second);
  });
});

describe('a refresh', () => {
  test.each([
    ['an alias of a tag that somebody moved, and puts it back', EXACT, 'v1', 'release-1'],
    ['an alias of a pin that somebody moved, and puts it back', PIN, 'latest', 'release-1'],
    ['a tag that names another digest by now, and follows it', EXACT, 'v1', 'v1'],
    ['a latest that names another digest by now, and follows it', FOLLOWING, 'latest', 'latest'],
  ])('sees %s', async (_, inputs, tag, moved) => {
    const first = registry.push('one', tag);
    const outputs = await created(inputs);
    const second = registry.push('two', moved);
    const read = await resource().read(inputs, outputs);
    const { changed } = await resource().diff(read?.inputs ?? {}, inputs, read?.outputs);
    expect(changed).toEqual(['aliases']);
    await resource().update(read?.outputs ?? {}, inputs);
    expect(alias()).toBe(moved === tag ? second : first);
  });

  test('sees an alias that somebody removed, and nothing where all is as it was', async () => {
    registry.push('one', 'v1');
    const outputs = await created(EXACT);
    expect(await resource().read(EXACT, outputs)).toEqual({ inputs: EXACT, outputs });
    registry.tags.delete('release-1');
    const read = await resource().read(EXACT, outputs);
    expect(read?.inputs).toEqual({ ...PLACE, aliases: {} });
  });
});

test('a preview writes nothing', async () => {
  registry.push('one', 'v1');
  const { outputs } = await resource().create(EXACT, true);
  expect(Object.keys(outputs['digests'] ?? {})).toEqual(['release-1']);
  expect(registry.writes).toEqual([]);
});
