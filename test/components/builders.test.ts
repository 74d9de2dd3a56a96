import pulumi from '@pulumi/pulumi';
import { afterEach, beforeEach, describe, expect, test, vi, type MockInstance } from 'vitest';
import { anyEngine, declareBuilders } from '../../infra/components/builders.ts';
import { chooseBuilder } from '../../src/plan/builders.ts';
import { parseRegistry } from '../../src/image-reference.ts';
import type { Builder } from '../../src/settings/builders.ts';
import { known } from '../support/fixtures.ts';
import { echo, recordResources, type RecordedResource } from '../support/recording-mocks.ts';

const AMD = 'linux/amd64';
const ARM = 'linux/arm64';
const TYPE = 'pulumi:providers:docker';

const BIG = { name: 'big', host: 'tcp://10.0.0.7:2376', certPath: '/certs', platforms: [AMD] };
const NEAR = { name: 'near', platforms: [AMD] };
const FAR = { name: 'far', host: 'ssh://ci@arm.example', platforms: [ARM] };

let recorded: RecordedResource[];
let warn: MockInstance;

async function declare(
  builders: readonly Builder[],
  {
    down = [],
    without = [],
    preview = false,
  }: { down?: readonly string[]; without?: readonly string[]; preview?: boolean } = {},
) {
  recorded = await recordResources(echo(TYPE), { preview });
  const ask = vi.fn(({ name }: Builder) =>
    Promise.resolve(down.includes(name) ? `builder ${name} is down` : undefined),
  );
  const declared = await declareBuilders(builders, { without: new Set(without), ask });
  await expect.poll(() => recorded).toHaveLength(builders.length + 1);
  return { ...declared, ask };
}

const hosts = () =>
  Object.fromEntries(recorded.map(({ name, inputs }) => [name, inputs['host'] ?? 'local']));

/** The names of two images that go to a builder. */
const imagesOf = (builder: Builder, builders: readonly Builder[]) =>
  Array.from({ length: 20 }, (_, index) => `image-${index}`)
    .filter((name) => chooseBuilder(name, AMD, builders) === builder)
    .slice(0, 2) as [string, string];

const nameOf = async (provider: pulumi.ProviderResource | undefined) => {
  const urn = await new Promise<string>((resolve) => provider?.urn.apply(resolve));
  return urn.split('::').at(-1);
};

beforeEach(() => {
  vi.stubEnv('DOCKER_HOST', undefined);
  warn = vi.spyOn(pulumi.log, 'warn').mockResolvedValue();
});

afterEach(() => {
  warn.mockRestore();
});

test('a stack without any leaves the choice to the engine', async () => {
  const findMissingGrant = () => Promise.resolve(undefined);
  const findRefusal = () => Promise.resolve(undefined);
  const { published, enter } = anyEngine({ findRefusal, findMissingGrant, findRoot: findRefusal });
  expect(published).toBeUndefined();
  expect((await enter('image', AMD)).provider()).toBeUndefined();
  const refusing = anyEngine({
    findRefusal: () => Promise.resolve('the engine is too old'),
    findMissingGrant,
    findRoot: () => Promise.resolve(undefined),
  });
  await expect(refusing.enter('image', AMD)).rejects.toThrow('the engine is too old');
});

test('each is a provider, and one more for published images connects to none', async () => {
  const { published, ask } = await declare([BIG, NEAR, FAR]);
  expect(await nameOf(published)).toBe('published-images');
  expect(hosts()).toEqual({
    'published-images': 'ssh://published-images.invalid',
    'builder-big': BIG.host,
    'builder-near': 'local',
    'builder-far': FAR.host,
  });
  const [big] = recorded.filter(({ name }) => name === 'builder-big');
  expect(Object.keys(big?.inputs ?? {}).toSorted()).toEqual(['certPath', 'host']);
  // The docker plug-in connects by ssh before a build only.
  expect(ask.mock.calls.map(([{ name }]) => name)).toEqual(['big', 'near']);
});

test('an image gets the provider of its builder, which is asked first', async () => {
  const { enter, ask } = await declare([BIG, FAR]);
  const place = await enter('image:linux/arm64', ARM);
  expect(await nameOf(place.provider())).toBe('builder-far');
  expect(ask.mock.lastCall?.[0]).toBe(FAR);
});

describe('one that is down', () => {
  test('is declared at no address, and its images have the reason; others have their places', async () => {
    const { enter } = await declare([BIG, NEAR], { down: ['big'] });
    expect(hosts()).toMatchObject({ 'builder-big': 'ssh://down.invalid', 'builder-near': 'local' });
    expect(warn).toHaveBeenCalledExactlyOnceWith('builder big is down');
    const [big] = imagesOf(BIG, [BIG, NEAR]);
    const [near] = imagesOf(NEAR, [BIG, NEAR]);
    await expect(enter(big, AMD)).rejects.toThrow('builder big is down');
    expect(await nameOf((await enter(near, AMD)).provider())).toBe('builder-near');
  });

  test('is a warning only in a preview', async () => {
    const { enter } = await declare([BIG], { down: ['big'], preview: true });
    expect(await nameOf((await enter('image', AMD)).provider())).toBe('builder-big');
    expect(warn).toHaveBeenCalledOnce();
  });

  test('by ssh fails its images, and in a preview is not asked', async () => {
    const { enter } = await declare([FAR], { down: ['far'] });
    expect(hosts()).toMatchObject({ 'builder-far': FAR.host });
    await expect(enter('image', ARM)).rejects.toThrow('builder far is down');
    const preview = await declare([FAR], { down: ['far'], preview: true });
    await preview.enter('image', ARM);
    expect(preview.ask).not.toHaveBeenCalled();
  });

  test('leaves its place to the next', async () => {
    const one = { ...FAR, parallel: 1 };
    const { enter } = await declare([one], { down: ['far'] });
    await expect(enter('image', ARM)).rejects.toThrow('down');
    await expect(enter('other', ARM)).rejects.toThrow('down');
  });

  test('since a build began is the reason of its failure', async () => {
    const { enter, ask } = await declare([FAR]);
    const { explain } = await enter('image', ARM);
    const pushed = { registry: known(parseRegistry('r.example')), name: 'r.example/image:tag' };
    expect(await explain(pushed)).toBe(
      'r.example/image:tag could not be built and pushed on builder far (ssh://ci@arm.example); correct what Docker says of it, and run this again',
    );
    ask.mockResolvedValue('builder far is down');
    expect(await explain(pushed)).toBe('builder far is down');
  });
});

describe('one that a run does without', () => {
  test('is asked nothing, stays declared, and its images go to the others', async () => {
    const { enter, ask } = await declare([BIG, NEAR], { without: ['big'], down: ['big'] });
    const [big] = imagesOf(BIG, [BIG, NEAR]);
    expect(await nameOf((await enter(big, AMD)).provider())).toBe('builder-near');
    expect(hosts()).toMatchObject({ 'builder-big': 'ssh://down.invalid' });
    expect(ask.mock.calls.map(([{ name }]) => name)).not.toContain('big');
    expect(warn).not.toHaveBeenCalled();
  });

  test('as the only one of a platform fails its images', async () => {
    const { enter } = await declare([NEAR, FAR], { without: ['far'] });
    await expect(enter('image', ARM)).rejects.toThrow(
      'IMAGES_WITHOUT_BUILDERS leaves no builder for linux/arm64; start one of far',
    );
  });
});

describe('builds are shared out', () => {
  const builds = Array.from({ length: 20 }, (_, at) => ({ name: `image-${at}`, platform: AMD }));

  test('to the one engine of a stack without any, which says where its files are', async () => {
    const root = { folder: '/var/lib/docker', copies: 3 };
    const { share } = anyEngine({
      findRefusal: () => Promise.resolve(undefined),
      findMissingGrant: () => Promise.resolve(undefined),
      findRoot: () => Promise.resolve(root),
    });
    expect(await share(builds)).toEqual([{ builds, parallel: Infinity, root }]);
  });

  test('to those that build them, with their places; other machines have no folder here', async () => {
    const big = { ...BIG, parallel: 2 };
    const far = { ...FAR, host: 'ssh://ci@other.example', platforms: [AMD], parallel: 1 };
    const { share } = await declare([big, far]);
    expect(await share(builds)).toEqual(
      [big, far].map((builder) => ({
        builds: builds.filter(({ name }) => chooseBuilder(name, AMD, [big, far]) === builder),
        parallel: builder.parallel,
        root: undefined,
      })),
    );
  });

  test('not to one that is down, that the run does without, or that gets none', async () => {
    const { share } = await declare([BIG, FAR], { down: ['big'] });
    expect(await share(builds)).toEqual([]);
    const { share: shareWithout } = await declare([BIG, FAR], { without: ['big'] });
    expect(await shareWithout(builds)).toEqual([]);
  });
});

test('takes as many builds at once as it says', async () => {
  const { enter } = await declare([{ ...NEAR, parallel: 2 }]);
  const [first] = await Promise.all([enter('a', AMD), enter('b', AMD)]);
  let hasEntered = false;
  const third = enter('c', AMD).then(() => {
    hasEntered = true;
  });
  await new Promise(setImmediate);
  expect(hasEntered).toBe(false);
  first.leave();
  first.leave();
  await third;
});
