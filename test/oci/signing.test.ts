import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { publicationType } from '../../infra/oci/publication-type.ts';
import { UNKNOWN, type Properties } from '../../infra/oci/protocol/resource-type.ts';
import { runSigning } from '../../infra/oci/signing.ts';
import { textOf } from '../../infra/oci/tagged-place.ts';
import { tagType } from '../../infra/oci/tag-type.ts';
import { parseDigest, type Digest, type Repository } from '../../src/image-reference.ts';
import { findReferrers } from '../../src/registry/artifacts.ts';
import { RegistryError, RegistryFailure } from '../../src/registry/registry-error.ts';
import { findSignature } from '../../src/signing/signatures.ts';
import { INPUTS_LABEL } from '../../src/tag/build-inputs.ts';
import { temporaryFolder } from '../git/temporary-folder.ts';
import { newKey } from '../signing/some-keys.ts';
import { known } from '../support/fixtures.ts';
import { memoryRegistry, type MemoryRegistry } from './memory-registry.ts';
import { callsOf, PLACE } from './resource-calls.ts';

const TAG = '0123456789abcdef0123456789abcdef';
const ALIAS = { ...PLACE, tag: 'latest' };
const KEY = newKey();
const { signal } = new AbortController();

let registry: MemoryRegistry;
let folder: string;
let one: Digest;
beforeEach(() => {
  registry = memoryRegistry();
  folder = temporaryFolder();
  one = registry.push('one', '12-abc');
});

/** Signing as the program sets it up. */
function signing(key = KEY.pem) {
  const run = runSigning({});
  const file = join(folder, 'signing.key');
  writeFileSync(file, key);
  run.setUp({ signing: file, fulcio: '', rekor: '', trustedRoot: '' });
  return run.signatures;
}

const alias = (of = signing()) => callsOf(tagType(registry.connect, of, () => Promise.resolve([])));
const publication = (of = runSigning({}).signatures) =>
  callsOf(
    publicationType({
      connect: registry.connect,
      signing: of,
      now: () => new Date('2026-08-21T10:20:30Z'),
      random: () => '00000000',
    }),
  );
const signers = [{ ...KEY.signer }];
const index = () => ({
  tag: TAG,
  members: { 'linux/amd64': one },
  annotations: { [INPUTS_LABEL]: TAG },
});
const INDEX = (): Properties => ({ ...ALIAS, index: index(), follows: true, signers });

async function signaturesOf(digest: unknown) {
  const client = await registry.connect('' as never, signal);
  return findReferrers(client, 'ci/debian-12' as Repository, digest as Digest);
}

const digestIn = (outputs: Properties, name: string) => known(parseDigest(textOf(outputs, name)));

/** The blob of a signature. */
function bundleOf(signature: Digest): Digest {
  const text = new TextDecoder().decode(registry.manifests.get(signature)?.bytes);
  const { layers } = JSON.parse(text) as { layers: readonly { digest: Digest }[] };
  return layers[0]?.digest ?? expect.fail(text);
}

const firstWrite = (start: string) => registry.writes.findIndex((write) => write.startsWith(start));

describe('a publication', () => {
  test('is signed before its tag is there, and the alias goes to it last', async () => {
    const { outputs } = await alias().create(INDEX());
    const digest = digestIn(outputs, 'published');
    expect(await signaturesOf(digest)).toMatchObject([{ digest: outputs['signature'] }]);
    expect(outputs).toMatchObject({ digest, signed: digest });
    const order = [`put ${digest}`, 'referrer ', `put ${TAG}`, 'put latest'].map(firstWrite);
    expect(order).toEqual(order.toSorted((a, b) => a - b));
    expect(order).not.toContain(-1);
  });

  test('whose run ended before its tag was there has one signature after the next run', async () => {
    const { outputs } = await alias().create(INDEX());
    registry.tags.delete(TAG);
    expect((await alias().create(INDEX())).outputs).toEqual(outputs);
    expect(await signaturesOf(outputs['published'])).toHaveLength(1);
  });

  test('that is there already gets its signature when signing begins, and nothing else', async () => {
    const olds = { ...ALIAS, digest: one };
    registry.tags.set('latest', one);
    const news = { ...olds, signers };
    expect((await alias().diff(olds, news, { ...olds, published: '' })).changed).toEqual([
      'signers',
    ]);
    const outputs = await alias().update({ ...olds, published: '' }, news);
    expect(outputs).toMatchObject({ digest: one, signed: one });
    expect(await signaturesOf(one)).toHaveLength(1);
    expect(registry.tags.get('latest')).toBe(one);
    expect((await alias().diff(news, news, outputs)).changed).toEqual([]);
    // By no other run, nor a lost state, a second time.
    await alias().update(outputs, news);
    await alias().create(news);
    expect(await signaturesOf(one)).toHaveLength(1);
  });

  test('is signed once more by another key', async () => {
    await alias().create({ ...ALIAS, digest: one, signers });
    const next = newKey();
    await alias(signing(next.pem)).create({
      ...ALIAS,
      ...{ digest: one, signers: [...signers, { ...next.signer }] },
    });
    expect(await signaturesOf(one)).toHaveLength(2);
  });

  test('is signed by a tag in place of a list, where the registry has none', async () => {
    registry = memoryRegistry({ listsReferrers: false });
    one = registry.push('one', '12-abc');
    const inputs = { ...ALIAS, digest: one, signers };
    const { outputs } = await alias().create(inputs);
    await alias().update(outputs, inputs);
    expect(await signaturesOf(one)).toHaveLength(1);
    expect(registry.tags.has(one.replace(':', '-'))).toBe(true);
  });

  test.each([
    ['the key is missing', () => signing('none')],
    ['the key is nobody who counts', () => signing(newKey().pem)],
    ['the program did not set it up', () => runSigning({}).signatures],
  ])('is not there, and the alias stays, where %s', async (_, of) => {
    registry.tags.set('latest', one);
    await expect(alias(of()).create(INDEX())).rejects.toThrow(
      /^(?:SIGNING_KEY|SIGNER_NOT_ACCEPTED|TAG_NOT_SIGNED) /,
    );
    expect(registry.tags.has(TAG)).toBe(false);
    expect(registry.tags.get('latest')).toBe(one);
  });

  test('needs no key in a preview', async () => {
    const keyless = runSigning({});
    keyless.setUp({ signing: join(folder, 'none'), fulcio: '', rekor: '', trustedRoot: '' });
    const calls = alias(keyless.signatures);
    expect((await calls.create(INDEX(), true)).outputs).toMatchObject({ published: UNKNOWN });
    await calls.update({ ...ALIAS, digest: one }, { ...ALIAS, digest: one, signers }, true);
    expect(registry.writes).toEqual([]);
  });

  test('by another run, during this one, must be signed', async () => {
    registry.pushImage({ [INPUTS_LABEL]: TAG }, TAG);
    await expect(alias().create(INDEX())).rejects.toThrow(/^TAG_NOT_SIGNED .*no signature/);
    await alias().create({ ...ALIAS, digest: registry.tags.get(TAG) ?? '', signers });
    expect((await alias().create(INDEX())).outputs).toMatchObject({
      published: registry.tags.get(TAG),
    });
  });
});

describe('a refresh', () => {
  test.each<[string, (signature: Digest) => void]>([
    [
      'the signature',
      (signature) => {
        registry.lose(signature);
      },
    ],
    ['the list of the signatures', () => registry.tags.delete(one.replace(':', '-'))],
  ])('that finds %s gone has the next run sign again', async (_, lose) => {
    registry = memoryRegistry({ listsReferrers: false });
    one = registry.push('one', '12-abc');
    const inputs = { ...ALIAS, digest: one, signers };
    const { outputs } = await alias().create(inputs);
    expect(await alias().read(inputs, outputs)).toEqual({ inputs, outputs });
    lose(digestIn(outputs, 'signature'));
    const read = (await alias().read(inputs, outputs)) ?? expect.fail('the alias is gone');
    expect((await alias().diff(read.inputs, inputs, read.outputs)).changed).toEqual(['signers']);
    const after = await alias().update(read.outputs, inputs, false, read.inputs);
    expect(await alias().read(inputs, after)).toEqual({ inputs, outputs: after });
  });
});

describe('adopt: signed', () => {
  const OURS = { [INPUTS_LABEL]: PLACE.tag };
  const inputs = (more = {}): Properties => ({ ...PLACE, signers, ...more });

  test('takes an image that a signer has signed', async () => {
    const digest = registry.pushImage(OURS, PLACE.tag);
    await alias().create({ ...ALIAS, digest, signers });
    expect((await publication().create(inputs())).outputs).toMatchObject({
      published: true,
      digest,
    });
  });

  test('refuses a planted tag, and says how its image is accepted', async () => {
    const planted = registry.pushImage({ ...OURS, planted: 'yes' }, PLACE.tag);
    const failure = await publication()
      .create(inputs())
      .catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(RegistryError);
    expect(String(failure)).toMatch(/TAG_NOT_SIGNED .*\(it has no signature\)/);
    expect(String(failure)).toContain(`\`adopt: ${planted}\``);
    const accepted = await publication().create(inputs({ adopt: planted }));
    expect(accepted.outputs).toMatchObject({ published: true, digest: planted });
  });

  test('refuses an image that somebody else has signed, or whose signature is of another image', async () => {
    const other = newKey();
    const planted = registry.pushImage({ ...OURS, planted: 'yes' }, PLACE.tag);
    const theirs = { ...ALIAS, digest: planted, signers: [{ ...other.signer }] };
    const { outputs } = await alias(signing(other.pem)).create(theirs);
    await expect(publication().create(inputs())).rejects.toThrow(/no key of the setting/);
    // The bundle of another image, attached to this one.
    await alias().create({ ...ALIAS, digest: one, signers });
    const [stolen] = await signaturesOf(one);
    const manifest = registry.manifests.get(stolen?.digest ?? one);
    const text = new TextDecoder().decode(manifest?.bytes).replaceAll(one, planted);
    registry.push(text);
    await expect(publication().create(inputs())).rejects.toThrow(/no signature of this digest/);
    expect(outputs).toMatchObject({ signed: planted });
  });

  describe('in its first run, for a publication that awaits its build', () => {
    /** As the state has it after a refresh with the inputs of the run before, which ask for no signature. */
    async function refreshed(olds: Properties = PLACE) {
      const { outputs } = await publication().create(olds);
      const digest = registry.pushImage({ ...OURS, planted: 'yes' }, PLACE.tag);
      const read = (await publication().read(olds, outputs)) ?? expect.fail('gone');
      expect(read.outputs).toMatchObject({ published: true, digest });
      return { digest, ...read };
    }

    beforeEach(() => {
      registry.tags.delete(PLACE.tag);
    });

    test('refuses a planted tag that a refresh has found, in each run', async () => {
      const { digest, ...old } = await refreshed();
      const changed = await publication().diff(old.inputs, inputs(), old.outputs);
      expect(changed).toEqual({ changed: ['signers'] });
      for (const preview of [true, false]) {
        const failure = publication().update(old.outputs, inputs(), preview, old.inputs);
        await expect(failure).rejects.toThrow(/^TAG_NOT_SIGNED .*no signature/);
      }
      const again = (await publication().read(old.inputs, old.outputs)) ?? expect.fail('gone');
      expect(await publication().diff(again.inputs, inputs(), again.outputs)).toEqual(changed);
      const accepted = inputs({ adopt: digest });
      expect(await publication().diff(old.inputs, accepted, old.outputs)).toEqual({ changed: [] });
    });

    test('takes what was built and signed, as no change', async () => {
      const { digest, ...old } = await refreshed();
      await alias().create({ ...ALIAS, digest, signers });
      expect(await publication().diff(old.inputs, inputs(), old.outputs)).toEqual({ changed: [] });
    });

    test('refuses a digest that the catalog no longer accepts', async () => {
      registry.lose(one);
      const { outputs } = await publication().create(inputs());
      const planted = registry.pushImage({ ...OURS, planted: 'yes' }, PLACE.tag);
      const read = await publication().read(inputs({ adopt: planted }), outputs);
      const old = read ?? expect.fail('gone');
      expect(await publication().diff(old.inputs, inputs(), old.outputs)).toEqual({
        changed: ['adopt'],
      });
      await expect(publication().update(old.outputs, inputs(), false, old.inputs)).rejects.toThrow(
        /^TAG_NOT_SIGNED /,
      );
    });

    test('builds images of platforms again that were found before, where nothing was refreshed', async () => {
      const tag = `${TAG}-linux-amd64`;
      registry.pushImage({ [INPUTS_LABEL]: TAG }, tag);
      const olds = { ...PLACE, tag: TAG, platforms: { 'linux/amd64': tag } };
      const { outputs } = await publication().create(olds);
      const news = { ...olds, signers };
      expect(await publication().diff(olds, news, outputs)).toEqual({ changed: ['signers'] });
      const updated = await publication().update(outputs, news, false, olds);
      expect(updated).toMatchObject({ published: false, members: {} });
      expect(await publication().diff(news, news, updated)).toEqual({ changed: [] });
    });
  });

  test('asks nobody for a root where there is no signature to check', async () => {
    registry.pushImage(OURS, PLACE.tag);
    const identity = { issuer: 'https://gitlab.com', identity: 'https://gitlab.com/a' };
    const of = runSigning({ XDG_CACHE_HOME: folder });
    of.setUp({ signing: '', fulcio: '', rekor: '', trustedRoot: 'broken' });
    await expect(
      publication(of.signatures).create(inputs({ signers: [identity] })),
    ).rejects.toThrow(/TAG_NOT_SIGNED .*\(it has no signature\)/);
  });

  test('takes an image that has a signature beside a broken one', async () => {
    const digest = registry.pushImage(OURS, PLACE.tag);
    const other = newKey();
    const theirs = { ...ALIAS, digest, signers: [{ ...other.signer }] };
    const { outputs } = await alias(signing(other.pem)).create(theirs);
    registry.damage(bundleOf(digestIn(outputs, 'signature')));
    await expect(publication().create(inputs())).rejects.toThrow(/TAG_NOT_SIGNED .*damaged/);
    await alias().create({ ...ALIAS, digest, signers });
    expect((await publication().create(inputs())).outputs).toMatchObject({ digest });
  });

  test('does not take the failure of a registry for a signature that is of no use', async () => {
    const digest = registry.pushImage(OURS, PLACE.tag);
    await alias().create({ ...ALIAS, digest, signers });
    const client = await registry.connect('' as never, signal);
    const failure = new RegistryFailure('REGISTRY_ANSWER', 'it answered 503', 'try again later');
    const failing = { ...client, getBlob: () => Promise.reject(failure) };
    const acceptance = { signers, root: () => expect.fail() };
    const repository = 'ci/debian-12' as Repository;
    await expect(findSignature(failing, repository, digest, acceptance)).rejects.toBe(failure);
  });

  test('builds the images of platforms, which nobody signs, whatever is there under their tags', async () => {
    const tag = `${TAG}-linux-amd64`;
    registry.pushImage({ [INPUTS_LABEL]: TAG }, tag);
    const platforms = { 'linux/amd64': tag };
    const found = (more: Properties) =>
      publication().create({ ...PLACE, tag: TAG, platforms, ...more });
    expect((await found({})).outputs['members']).toHaveProperty('linux/amd64');
    expect((await found({ signers })).outputs['members']).toEqual({});
  });
});
