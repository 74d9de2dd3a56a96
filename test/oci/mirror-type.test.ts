import { beforeEach, describe, expect, test } from 'vitest';
import type { Connect } from '../../infra/oci/connect.ts';
import { mirrorType } from '../../infra/oci/mirror-type.ts';
import { UNKNOWN, type Properties } from '../../infra/oci/protocol/resource-type.ts';
import { parseRegistry, parseRepository, type Digest } from '../../src/image-reference.ts';
import { attach, findReferrers, referrersTag } from '../../src/registry/artifacts.ts';
import { digestOf } from '../../src/registry/manifest.ts';
import type { RegistryClient } from '../../src/registry/registry-client.ts';
import { RegistryError } from '../../src/registry/registry-error.ts';
import { known } from '../support/fixtures.ts';
import { failingRegistry, memoryRegistry, type MemoryRegistry } from './memory-registry.ts';
import { callsOf } from './resource-calls.ts';

const HERE = { registry: '127.0.0.1:5000', repository: 'ci/a' };
const [ONE, TWO] = ['one.example/copies/a', 'two.example/copies/a'];
const IMMUTABLE = 'ab'.repeat(16);
const REPOSITORY = known(parseRepository('ci/a'));
const signal = new AbortController().signal;

let source: MemoryRegistry;
let one: MemoryRegistry;
let two: MemoryRegistry;
/** Registries that answer nothing. */
let away: Set<string>;
let refuses: () => boolean;

const connect: Connect = (registry, ends) => {
  if (away.has(registry)) return failingRegistry('REGISTRY_UNREACHABLE')(registry, ends);
  if (registry === 'one.example') return connectOne(ends);
  const registries: Record<string, MemoryRegistry> = { 'two.example': two };
  return (registries[registry] ?? source).connect(registry, ends);
};
/** Denies reads while `refuses` says so. */
async function connectOne(ends: AbortSignal): Promise<RegistryClient> {
  const client = await one.connect(known(parseRegistry('one.example')), ends);
  const read = <Found>(lookup: () => Promise<Found>) =>
    refuses() ? Promise.reject(new RegistryError('REGISTRY_DENIED', 'no', 'ask')) : lookup();
  return {
    ...client,
    headManifest: (...place) => read(() => client.headManifest(...place)),
    getManifest: (...place) => read(() => client.getManifest(...place)),
  };
}

const calls = callsOf(mirrorType(connect));
const { create, read, diff, logged } = calls;

/** An index of one image with one layer. */
async function publish(text: string): Promise<Digest> {
  const client = await source.connect(known(parseRegistry(HERE.registry)), signal);
  const put = async (content: string) => {
    const bytes = Buffer.from(content);
    return { digest: await client.putBlob(REPOSITORY, bytes), size: bytes.byteLength };
  };
  const layers = [await put(text)];
  const image = source.push(JSON.stringify({ config: await put('{}'), layers }));
  return source.push(JSON.stringify({ manifests: [{ digest: image }] }));
}

const inputsFor = (digest: Digest, ...mirrors: string[]): Properties => {
  return { ...HERE, mirrors, tags: { latest: digest, [IMMUTABLE]: digest }, signature: '' };
};

beforeEach(() => {
  source = memoryRegistry();
  one = memoryRegistry();
  two = memoryRegistry({ listsReferrers: false });
  away = new Set();
  refuses = () => false;
  logged.splice(0);
});

describe('a copy', () => {
  test('has blobs before their image, members before their index, and aliases last', async () => {
    const digest = await publish('x');
    await create(inputsFor(digest, ONE));
    const [image] = [...one.manifests.keys()];
    const [config, layer] = [digestOf(Buffer.from('{}')), digestOf(Buffer.from('x'))];
    expect(one.writes).toEqual([
      ...[`copy ${config}`, `copy ${layer}`, `put ${image}`],
      ...[`put ${digest}`, `put ${IMMUTABLE}`, 'put latest'],
    ]);
  });

  test('is not made twice, and not in a preview', async () => {
    const digest = await publish('x');
    await create(inputsFor(digest, ONE), true);
    expect(one.writes).toEqual([]);
    await create(inputsFor(digest, ONE));
    const writes = one.writes.length;
    await create(inputsFor(digest, ONE));
    expect(one.writes).toHaveLength(writes);
  });

  test.each([true, false])('has what refers to the image; lists: %s', async (lists) => {
    const digest = await publish('x');
    const from = await source.connect(known(parseRegistry(HERE.registry)), signal);
    const layers = [{ mediaType: 'application/json', bytes: Buffer.from('signed') }];
    const artifact = { artifactType: 'application/test', layers, annotations: { a: '1' } };
    const subject = { mediaType: 'application/test', digest, size: 1 };
    const signature = await attach(from, REPOSITORY, subject, artifact);
    const mirror = lists ? one : two;
    await create(inputsFor(digest, lists ? ONE : TWO));
    const to = await mirror.connect(known(parseRegistry('x.example')), signal);
    expect(await findReferrers(to, REPOSITORY, digest)).toMatchObject([{ digest: signature }]);
    expect(mirror.tags.has(referrersTag(digest))).toBe(!lists);
    const writes = mirror.writes.length;
    await calls.update({}, inputsFor(digest, lists ? ONE : TWO));
    expect(mirror.writes).toHaveLength(writes);
  });

  test('fails by the name of its mirror after the others are made', async () => {
    const digest = await publish('x');
    away.add('one.example');
    const made = create(inputsFor(digest, ONE, TWO));
    await expect(made).rejects.toThrow(
      `REGISTRY_UNREACHABLE  the mirror ${ONE} is not up to date: who are you`,
    );
    expect(two.tags.get('latest')).toBe(digest);
    away.add('two.example');
    await expect(create(inputsFor(digest, ONE, TWO))).rejects.toThrow(ONE);
    expect(logged).toEqual([
      expect.stringContaining(`error: REGISTRY_UNREACHABLE  the mirror ${TWO}`),
    ]);
  });

  test('moves no immutable tag, and no alias beside one', async () => {
    const digest = await publish('x');
    const foreign = one.push('{"foreign":1}', IMMUTABLE);
    one.tags.set('latest', foreign);
    await expect(create(inputsFor(digest, ONE))).rejects.toThrow(/TAG_OVERWRITTEN.*names sha256/);
    expect([one.tags.get(IMMUTABLE), one.tags.get('latest')]).toEqual([foreign, foreign]);
    expect(one.writes).toEqual([]);
  });

  test('goes to a repository that may be read only once something was pushed', async () => {
    const digest = await publish('x');
    refuses = () => one.manifests.size === 0;
    await create(inputsFor(digest, ONE));
    expect([one.tags.get('latest'), one.tags.get(IMMUTABLE)]).toEqual([digest, digest]);
  });

  test('moves no immutable tag that may not be read', async () => {
    const digest = await publish('x');
    const foreign = one.push('{"foreign":1}', IMMUTABLE);
    refuses = () => true;
    await expect(create(inputsFor(digest, ONE))).rejects.toThrow(/REGISTRY_DENIED.*the mirror one/);
    expect([one.tags.get(IMMUTABLE), one.tags.get('latest')]).toEqual([foreign, undefined]);
  });

  test('moves an alias, and keeps what that named', async () => {
    const before = await publish('x');
    await create({ ...HERE, mirrors: [ONE], tags: { latest: before } });
    const after = await publish('y');
    await create({ ...HERE, mirrors: [ONE], tags: { latest: after } });
    expect(one.tags.get('latest')).toBe(after);
    expect(one.manifests.has(before)).toBe(true);
  });

  test('of a version that is gone is an error', async () => {
    const digest = digestOf(Buffer.from('gone'));
    await expect(create(inputsFor(digest, ONE))).rejects.toThrow(
      /MANIFEST_MISSING.*can't be copied/,
    );
  });
});

describe('a difference', () => {
  const digest = digestOf(Buffer.from('x'));
  const olds = inputsFor(digest, ONE);

  test.each<[string, Properties, string[]]>([
    ['nothing', {}, []],
    ['fewer tags, as of a failed build', { tags: {} }, []],
    ['one more tag', { tags: { main: digest } }, ['tags']],
    ['another digest', { tags: { latest: digestOf(Buffer.from('y')) } }, ['tags']],
    ['unknown tags', { tags: UNKNOWN }, ['tags']],
    ['an unknown digest', { tags: { latest: UNKNOWN } }, ['tags']],
    ['one more mirror', { mirrors: [ONE, TWO] }, ['mirrors']],
    ['a signature', { signature: digest }, ['signature']],
  ])('is there for %s', async (_, more, changed) => {
    expect(await diff(olds, { ...olds, ...more })).toEqual({ changed });
  });
});

describe('a refresh', () => {
  const mirrorsAfter = async (inputs: Properties) =>
    (await read(inputs, inputs))?.inputs['mirrors'];

  test('leaves out a mirror that lacks a tag, a member or the signature, or is away', async () => {
    const digest = await publish('x');
    const inputs = inputsFor(digest, ONE, TWO);
    await create(inputs);
    const writes = [...one.writes, ...two.writes];
    expect(await mirrorsAfter(inputs)).toEqual([ONE, TWO]);
    expect(await mirrorsAfter({ ...inputs, signature: digestOf(Buffer.from('s')) })).toEqual([]);
    one.tags.delete('latest');
    expect(await mirrorsAfter(inputs)).toEqual([TWO]);
    two.manifests.delete(known([...two.manifests.keys()][0]));
    expect(await mirrorsAfter(inputs)).toEqual([]);
    await calls.update(inputs, inputs);
    expect(await mirrorsAfter(inputs)).toEqual([ONE, TWO]);
    away.add('one.example');
    expect(await mirrorsAfter(inputs)).toEqual([TWO]);
    expect([...one.writes, ...two.writes].length).toBeGreaterThan(writes.length);
  });
});
