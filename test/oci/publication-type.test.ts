import { beforeEach, describe, expect, test } from 'vitest';
import type { Connect } from '../../infra/oci/connect.ts';
import { publicationType } from '../../infra/oci/publication-type.ts';
import { runSigning } from '../../infra/oci/signing.ts';
import { UNKNOWN, type Properties } from '../../infra/oci/protocol/resource-type.ts';
import { RegistryError } from '../../src/registry/registry-error.ts';
import { INPUTS_LABEL } from '../../src/tag/build-inputs.ts';
import {
  failingRegistry,
  hidingRegistry,
  memoryRegistry,
  type MemoryRegistry,
} from './memory-registry.ts';
import { callsOf, PLACE } from './resource-calls.ts';

const INPUTS = { ...PLACE, revision: 'c0ffee', pipeline: 'https://ci.example/1', source: 'here' };
/** The labels of an image that was built for the tag. */
const OURS = { [INPUTS_LABEL]: PLACE.tag };
const NOW = new Date('2026-08-21T10:20:30.456Z');

let registry: MemoryRegistry;
let ids: number;

beforeEach(() => {
  registry = memoryRegistry();
  ids = 0;
});

function publication(connect = registry.connect) {
  const random = () => String((ids += 1)).padStart(8, '0');
  const { signatures } = runSigning({});
  return callsOf(publicationType({ connect, signing: signatures, now: () => NOW, random }));
}

/** The registry, whose first response to a look-up is a false 404. */
function notFoundOnce(): Connect {
  let lookups = 0;
  return async (name, signal) => {
    const client = await registry.connect(name, signal);
    const headManifest: typeof client.headManifest = async (path, reference) =>
      ++lookups === 1 ? undefined : client.headManifest(path, reference);
    return { ...client, headManifest };
  };
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
      const nothing = { published: false, digest: '', members: {}, attested: {} };
      expect(outputs).toEqual({ ...INPUTS, ...nothing, created });
      expect(publication().refreshes(outputs)).toBe(true);
    },
  );

  test.each([false, true])(
    'of a tag that is there adopts its digest, and writes nothing (preview %s)',
    async (preview) => {
      const digest = registry.pushImage(OURS, PLACE.tag);
      const { outputs } = await publication().create(INPUTS, preview);
      expect(outputs).toMatchObject({ published: true, digest });
      expect(publication().refreshes(outputs)).toBe(false);
      expect(registry.writes).toEqual([]);
    },
  );

  describe('of an image for several platforms', () => {
    const [HASH, OTHER] = ['a'.repeat(32), 'b'.repeat(32)];
    const platforms = {
      'linux/amd64': `${HASH}-linux-amd64`,
      'linux/arm64': `${OTHER}-linux-arm64`,
    };
    const several = { ...INPUTS, platforms };
    const amd64 = (tag: string) => registry.pushImage({ [INPUTS_LABEL]: HASH }, tag);
    const membersOf = async () => (await publication().create(several)).outputs['members'];

    /** An index under the immutable tag; `one` and `two` are its images. */
    function pushIndex() {
      const [one, two] = [registry.push('one'), registry.push('two')];
      const member = (digest: string, architecture: string, variant?: string) => ({
        digest,
        platform: { os: 'linux', architecture, variant },
      });
      const attestation = { digest: one, platform: { os: 'unknown', architecture: 'unknown' } };
      const manifests = [member(one, 'amd64'), member(two, 'arm64', 'v8'), attestation];
      const index = JSON.stringify({ manifests, annotations: OURS });
      return { one, two, digest: registry.push(index, PLACE.tag) };
    }

    test('finds the images of the index, with a request for its tag and for each of them', async () => {
      const { one, two, digest } = pushIndex();
      const { outputs } = await publication().create(several);
      const members = { 'linux/amd64': one, 'linux/arm64': two };
      expect(outputs).toMatchObject({ published: true, digest, members });
      expect(registry.reads).toEqual([`get ${PLACE.tag}`, `head ${one}`, `head ${two}`]);
      registry.lose(two);
      expect((await publication().create(several)).outputs).toMatchObject({ published: false });
    });

    test('looks for them again in a refresh, and does not read the index', async () => {
      const { one, two } = pushIndex();
      const { outputs } = await publication().create(several);
      registry.reads.length = 0;
      expect(await publication().read(several, outputs)).toEqual({ inputs: several, outputs });
      expect(registry.reads).toEqual([`head ${PLACE.tag}`, `head ${one}`, `head ${two}`]);
      registry.lose(two);
      expect(await publication().read(several, outputs)).toBeUndefined();
    });

    test('reads the index in a refresh where the state does not name its images', async () => {
      const { two, digest } = pushIndex();
      const { outputs } = await publication().create(several);
      registry.lose(two);
      const itself = { 'linux/amd64': digest, 'linux/arm64': digest };
      for (const members of [{}, itself]) {
        expect(await publication().read(several, { ...outputs, members })).toBeUndefined();
      }
    });

    test('looks a tag up once that both an image and its only platform may have', async () => {
      const ofPlatform = `${HASH}-linux-amd64`;
      await publication().create({
        ...INPUTS,
        tag: HASH,
        platforms: { 'linux/amd64': ofPlatform },
      });
      const tags = [HASH, ofPlatform];
      expect(registry.reads).toEqual(tags.flatMap((tag) => [`get ${tag}`, `head ${tag}`]));
    });

    test.each([
      ['under its own tag', `${HASH}-linux-amd64`],
      ['published without an index', HASH],
    ])('builds again none that is there: %s', async (_, tag) => {
      const digest = amd64(tag);
      const { outputs } = await publication().create(several);
      expect(outputs).toMatchObject({
        published: false,
        digest: '',
        members: { 'linux/amd64': digest },
      });
    });

    test('is refused where its base lacks a platform, and not where the base can not be read', async () => {
      const platform = { os: 'linux', architecture: 'amd64' };
      const base = registry.push(JSON.stringify({ manifests: [{ digest: 'x', platform }] }));
      const create = (digest: string, connect = registry.connect) =>
        publication(connect).create({ ...several, base: `registry.test/base@${digest}` });
      const failure = create(base);
      await expect(failure).rejects.toThrow(
        /^PLATFORM_MISSING .*linux\/arm64 \(only: linux\/amd64\)/,
      );
      expect((await create(`sha256:${'0'.repeat(64)}`)).outputs).toMatchObject({
        published: false,
      });
      const connect: Connect = async (name, signal) => {
        const client = await registry.connect(name, signal);
        if (name !== 'registry.test') return client;
        const getManifest = () => Promise.reject(new RegistryError('REGISTRY_UNREACHABLE', '', ''));
        return { ...client, getManifest };
      };
      expect((await create(base, connect)).outputs).toMatchObject({ published: false });
    });

    test('accepts no index, and no image, that lacks one of the platforms', async () => {
      const { one } = pushIndex();
      const platform = { os: 'linux', architecture: 'amd64' };
      const index = JSON.stringify({ manifests: [{ digest: one, platform }] });
      const digest = registry.push(index, PLACE.tag);
      const failure = publication().create({ ...several, adopt: digest });
      await expect(failure).rejects.toThrow(/^PLATFORM_MISSING .*12-abc .*linux\/arm64/);
      const { 'linux/amd64': amd } = platforms;
      const only = { ...INPUTS, adopt: digest, platforms: { 'linux/amd64': amd } };
      expect((await publication().create(only)).outputs).toMatchObject({ published: true, digest });
      const image = registry.pushImage({}, PLACE.tag);
      const ofImage = publication().create({ ...several, adopt: image });
      await expect(ofImage).rejects.toThrow(/^PLATFORM_MISSING /);
    });

    test('builds again what was built from other inputs, or by nobody knows whom', async () => {
      registry.pushImage({ [INPUTS_LABEL]: OTHER }, `${HASH}-linux-amd64`);
      registry.push('an image', `${OTHER}-linux-arm64`);
      expect(await membersOf()).toEqual({});
    });
  });

  test('one false response does not ask for a build, which would move the tag', async () => {
    const digest = registry.pushImage(OURS, PLACE.tag);
    const connect = notFoundOnce();
    expect((await publication(connect).create(INPUTS)).outputs).toMatchObject({ digest });
    const pending = { ...INPUTS, published: false, digest: '', created: '' };
    const update = publication(notFoundOnce()).update(pending, INPUTS);
    expect(await update).toMatchObject({ published: true, digest });
  });

  test.each<[string, Readonly<Record<string, string>>, string]>([
    ['has no labels', {}, 'no labels of a publication'],
    ['was built for another tag', { ...OURS, [INPUTS_LABEL]: 'f00' }, `${INPUTS_LABEL} f00`],
    ['says when it was built', { 'org.opencontainers.image.created': '2026' }, 'created 2026'],
  ])(
    'of a tag whose image %s is refused, with what it is and the ways out',
    async (_, labels, is) => {
      const digest = registry.pushImage(labels, PLACE.tag);
      const failure = publication().create(INPUTS);
      await expect(failure).rejects.toThrow(/^TAG_NOT_OURS .*12-abc is there already/);
      await expect(failure).rejects.toThrow(`${digest} (${is})`);
      await expect(failure).rejects.toThrow(`below debian-12: \`adopt: ${digest}\``);
    },
  );

  test('of a tag that names no image at all is refused', async () => {
    registry.push('a chart', PLACE.tag);
    await expect(publication().create(INPUTS)).rejects.toThrow(/^TAG_NOT_OURS /);
  });

  test('adopts the digest that the catalog accepts, and no other', async () => {
    const digest = registry.pushImage({}, PLACE.tag);
    const accepted = { ...INPUTS, adopt: digest };
    expect((await publication().create(accepted)).outputs).toMatchObject({ digest });
    registry.pushImage({ other: 'yes' }, PLACE.tag);
    await expect(publication().create(accepted)).rejects.toThrow(/^TAG_NOT_OURS /);
  });

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

  test('plans a build where the registry hides the repository from a preview, and says so', async () => {
    const type = publication(hidingRegistry());
    const { outputs } = await type.create(INPUTS, true);
    expect(outputs).toMatchObject({ published: false, digest: '', members: {} });
    const pending = await created();
    expect(await type.diff(INPUTS, INPUTS, pending)).toEqual({ changed: ['published'] });
    expect(await type.update(pending, INPUTS, true)).toEqual(pending);
    const warning =
      /^warning: this preview takes .*:12-abc for an image that is not published; .*REGISTRY_DENIED/;
    expect(type.logged).toEqual([expect.stringMatching(warning), expect.stringMatching(warning)]);
  });

  test('fails where the registry hides what was published', async () => {
    registry.pushImage(OURS, PLACE.tag);
    const drifted = { ...(await created()), foundInstead: 'nothing' };
    const update = publication(hidingRegistry()).update(drifted, INPUTS, true);
    await expect(update).rejects.toThrow('REGISTRY_DENIED');
  });

  test('fails when the registry does not respond: neither build nor adopt would be safe', async () => {
    await expect(publication(unreachable).create(INPUTS)).rejects.toThrow('REGISTRY_UNREACHABLE');
  });
});

describe('read', () => {
  test.each([
    ['that is labelled with the tag', OURS],
    [
      'from before that label, by its time',
      { 'org.opencontainers.image.created': '2026-08-21T10:20:30Z' },
    ],
  ])('after the build finds its digest %s, and the next run need not look', async (_, labels) => {
    const outputs = await created();
    const digest = registry.pushImage(labels, PLACE.tag);
    const now = { ...outputs, published: true, digest };
    const inputs = { ...INPUTS, foundByRefresh: true };
    expect(await publication().read(INPUTS, outputs)).toEqual({ inputs, outputs: now });
    expect(await publication(unreachable).diff(inputs, INPUTS, now)).toEqual({ changed: [] });
    expect(publication().refreshes(now)).toBe(false);
  });

  test('of an image that somebody pushed after a failed build leaves it to the update, which refuses it', async () => {
    const outputs = await created();
    registry.pushImage({ 'org.opencontainers.image.created': '2026' }, PLACE.tag);
    expect(await publication().read(INPUTS, outputs)).toEqual({ inputs: INPUTS, outputs });
    expect(await publication().diff(INPUTS, INPUTS, outputs)).toEqual({ changed: ['published'] });
    await expect(publication().update(outputs, INPUTS)).rejects.toThrow(/^TAG_NOT_OURS /);
  });

  test('of a tag that is not there says "gone", also where the build failed', async () => {
    expect(await publication().read(INPUTS, await created())).toBeUndefined();
  });

  test.each(['REGISTRY_UNAUTHORIZED', 'REGISTRY_DENIED', 'REGISTRY_UNREACHABLE'] as const)(
    'that ends with %s is put off while a build is awaited, and an error once there is something to lose',
    async (code) => {
      const type = publication(failingRegistry(code));
      const pending = await created();
      expect(await type.read(INPUTS, pending)).toEqual({ inputs: INPUTS, outputs: pending });
      expect(type.refreshes(pending)).toBe(true);
      registry.pushImage(OURS, PLACE.tag);
      await expect(type.read(INPUTS, await created())).rejects.toThrow(RegistryError);
    },
  );
});

describe('an immutable tag that was moved by hand', () => {
  /** Published, then moved to another image or removed, then read by a refresh. */
  async function moved(to: string | undefined) {
    const before = registry.pushImage(OURS, PLACE.tag);
    const outputs = await created();
    const found = to === undefined ? 'nothing' : registry.push(to, PLACE.tag);
    if (to === undefined) registry.tags.delete(PLACE.tag);
    const read = (await publication().read(INPUTS, outputs)) ?? expect.fail('gone');
    return { before, found, outputs, read };
  }

  test.each([['two'], [undefined]])('to %s is drift, and the digest stays', async (to) => {
    const { before, found, outputs, read } = await moved(to);
    expect(read.inputs).toEqual({ ...INPUTS, foundInstead: found });
    expect(read.outputs).toEqual({ ...outputs, digest: before, foundInstead: found });
    expect(await publication().diff(read.inputs, INPUTS, read.outputs)).toEqual({
      changed: ['foundInstead'],
    });
    expect(publication().refreshes(read.outputs)).toBe(true);
    expect(await publication().read(read.inputs, read.outputs)).toEqual(read);
  });

  test.each([['two'], [undefined]])('to %s is put back by an update alone', async (to) => {
    const { before, outputs, read } = await moved(to);
    await publication().update(read.outputs, INPUTS, true);
    expect(registry.writes).toEqual([]);
    expect(await publication().update(read.outputs, INPUTS)).toEqual(outputs);
    expect(registry.writes).toEqual([`put ${PLACE.tag}`]);
    expect(registry.tags.get(PLACE.tag)).toBe(before);
    expect(await publication().read(INPUTS, outputs)).toEqual({ inputs: INPUTS, outputs });
  });

  test('and back by hand is no drift any more', async () => {
    const { before, outputs, read } = await moved('two');
    registry.tags.set(PLACE.tag, before);
    expect(await publication().read(read.inputs, read.outputs)).toEqual({
      inputs: INPUTS,
      outputs,
    });
  });

  test.each([true, false])(
    'fails where the digest of before is gone, until the tag goes or the catalog accepts it (preview %s)',
    async (preview) => {
      const { before, found, outputs, read } = await moved('two');
      registry.lose(before);
      expect((await publication().read(read.inputs, read.outputs))?.outputs).toEqual(read.outputs);
      const failure = publication().update(read.outputs, INPUTS, preview);
      await expect(failure).rejects.toThrow(/^TAG_OVERWRITTEN .*delete sha256:/);
      await expect(failure).rejects.toThrow(before);
      await expect(failure).rejects.toThrow(`\`adopt: ${found}\``);
      expect(registry.writes).toEqual([]);
      const accepted = { ...INPUTS, adopt: found };
      expect(await publication().update(read.outputs, accepted, preview)).toEqual({
        ...outputs,
        adopt: found,
        digest: found,
      });
      registry.tags.delete(PLACE.tag);
      expect(await publication().read(read.inputs, read.outputs)).toBeUndefined();
    },
  );

  test('stays drift when the registry does not respond before the next run', async () => {
    const { read } = await moved('two');
    expect(await publication(unreachable).read(read.inputs, read.outputs)).toEqual(read);
  });
});

describe('when the engine has not looked again (PULUMI_RUN_PROGRAM), or in vain', () => {
  test('what the last run published is found all the same, and never built again', async () => {
    const outputs = await created();
    const digest = registry.pushImage(OURS, PLACE.tag);
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
    registry.pushImage(OURS, PLACE.tag);
    const found = await publication(unreachable).diff(INPUTS, INPUTS, await created());
    expect(found).toEqual({ changed: [] });
  });
});
