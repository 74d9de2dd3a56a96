import { beforeEach, describe, expect, test } from 'vitest';
import type { Connect } from '../../infra/oci/connect.ts';
import { referencedVersionsType } from '../../infra/oci/referenced-versions-type.ts';
import type { Properties } from '../../infra/oci/protocol/resource-type.ts';
import { digestOf } from '../../src/registry/manifest.ts';
import { memoryRegistry, type MemoryRegistry } from './memory-registry.ts';
import { callsOf } from './resource-calls.ts';

const INPUTS = {
  registry: '127.0.0.1:5000',
  repositoryPrefix: 'p/images',
  gracePeriod: 30 * 86_400,
  needs: { 'debian-12': { main: 'v1' } },
  images: ['debian-12'],
  branches: {},
  accept: [],
  keep: ['latest', 'debian-12:allowed'],
};
const UNNEEDED = { ...INPUTS, needs: {} };

let registry: MemoryRegistry;
let now: Date;
let listsAll: boolean;

const resource = (connect = registry.connect) =>
  callsOf(referencedVersionsType({ connect, now: () => now }));

/** The registry, whose first list of manifests is empty. */
function cutOnce(): Connect {
  let lists = 0;
  return async (name, signal) => {
    const client = await registry.connect(name, signal);
    const listManifests: typeof client.listManifests = async (path) => {
      const listed = await client.listManifests(path);
      return listed && (++lists === 1 ? [] : listed);
    };
    // A registry without such a list: its first list of tags is for markers.
    const listTags: typeof client.listTags = async (path) =>
      ++lists === 2 ? [] : client.listTags(path);
    return { ...client, listManifests, ...(!listsAll && { listTags }) };
  };
}

/** The registry, which answers every HEAD with 404. */
function withoutHead(): Connect {
  const headManifest = () => Promise.resolve(undefined);
  return async (name, signal) => ({ ...(await registry.connect(name, signal)), headManifest });
}

async function digestsOf(inputs: Properties = INPUTS) {
  return (await resource().create(inputs)).outputs['digests'];
}

const tagFor = (digest: string, end = '') => `sha256-${digest.slice('sha256:'.length)}${end}`;
const indexOf = (...digests: readonly string[]) =>
  JSON.stringify({ manifests: digests.map((digest) => ({ digest })) });
const referrerOf = (image: string) => digestOf(new TextEncoder().encode(about(image)));
const about = (digest: string) => JSON.stringify({ subject: { digest } });

describe.each([true, false])('in a registry that lists manifests: %s', (listsManifests) => {
  beforeEach(() => {
    registry = memoryRegistry({ listsManifests });
    listsAll = listsManifests;
    now = new Date('2026-11-24T12:00:00.000Z');
  });

  test('signatures, attestations and referrers by their tags are kept with a needed version', async () => {
    const image = registry.push('one', 'v1');
    const signature = registry.push('sig', tagFor(image, '.sig'));
    const attestation = registry.push('att', tagFor(image, '.att'));
    const referrer = registry.push(about(image));
    const referrers = registry.push(indexOf(referrer), tagFor(image));
    registry.push('other', tagFor(registry.push('two', 'c'.repeat(32)), '.sig'));
    const { outputs } = await resource().create(INPUTS);
    // The index of referrers holds the referrer.
    const kept = [image, signature, attestation, referrers].sort();
    expect(outputs).toMatchObject({
      digests: kept,
      attachmentsOfOne: 4,
      mostAttachments: 0,
      looseAttachments: false,
      mostMembers: 0,
    });
  });

  test('signatures are kept where every HEAD is answered with 404', async () => {
    const image = registry.push('one', 'v1');
    const signature = registry.push('sig', tagFor(image, '.sig'));
    const { outputs } = await resource(withoutHead()).create(INPUTS);
    expect(outputs['digests']).toEqual([image, signature].sort());
  });

  test('an index holds its members, which take no room, and the signatures of each are kept', async () => {
    const [member, other] = [registry.push('member'), registry.push('other')];
    const index = registry.push(indexOf(member, other), 'v1');
    const signature = registry.push('sig', tagFor(member, '.sig'));
    const { outputs } = await resource().create(INPUTS);
    expect(outputs).toMatchObject({
      digests: [index, signature].sort(),
      attachments: [{ digest: signature, owner: index }],
      attachmentsOfOne: 1,
      mostAttachments: 0,
      looseAttachments: false,
      mostMembers: 2,
    });
  });

  test('an index is read once, however often a run looks', async () => {
    const member = registry.push(`member ${listsManifests}`);
    const index = registry.push(indexOf(member), 'v1');
    const read: string[] = [];
    const connect: Connect = async (...args) => {
      const client = await registry.connect(...args);
      const getManifest: typeof client.getManifest = (path, reference) => {
        read.push(reference);
        return client.getManifest(path, reference);
      };
      return { ...client, getManifest };
    };
    const { outputs } = await resource(connect).create(INPUTS);
    await resource(connect).read(INPUTS, outputs);
    await resource(connect).update(outputs, INPUTS);
    expect(read.filter((reference) => reference === index)).toHaveLength(1);
    expect(outputs).toMatchObject({ mostMembers: 1 });
  });

  test('a signature that somebody puts into an index is kept whatever becomes of the index', async () => {
    const image = registry.push('one', 'v1');
    const signature = registry.push('sig', tagFor(image, '.sig'));
    registry.push(indexOf(signature), 'c'.repeat(32));
    expect(await digestsOf()).toEqual([image, signature].sort());
  });

  test('a member that a branch needs by its digest is kept without its index', async () => {
    const member = registry.push('member');
    registry.push(indexOf(member), 'c'.repeat(32));
    const needs = { 'debian-12': { main: member } };
    expect(await digestsOf({ ...INPUTS, needs })).toEqual([member]);
  });

  test('members that a state from before has among the attachments leave them', async () => {
    const member = registry.push('member');
    const index = registry.push(indexOf(member), 'v1');
    const { outputs } = await resource().create(INPUTS);
    const { mostMembers: _, ...others } = outputs;
    const old = {
      ...others,
      attachments: [{ digest: member, owner: index }],
      digests: [index, member].sort(),
      mostAttachments: 1,
    };
    expect(await resource().diff(INPUTS, INPUTS, old)).toEqual({ changed: [] });
    const read = (await resource().read(INPUTS, old))?.outputs ?? {};
    expect(read).toMatchObject({ attachments: [], mostAttachments: 0, mostMembers: 1 });
    const updated = await resource().update(read, INPUTS);
    expect(updated['digests']).toEqual([index]);
  });

  test.each(['latest', 'latest-2', 'allowed'])(
    'so are those of an older version that %s names, which the file keeps',
    async (tag) => {
      const image = registry.push('one', tag);
      const signature = registry.push('sig', tagFor(image, '.sig'));
      registry.push('two', 'c'.repeat(32));
      // Without times, the newest version is the one that `latest` names.
      const isNewest = tag === 'latest' && !listsManifests;
      // Policies keep the image by its tag.
      expect(await digestsOf()).toEqual(isNewest ? [] : [signature]);
    },
  );

  test('those of the newest version need no place in the policies, which keep it by its age', async () => {
    registry.push('zero', 'c'.repeat(32));
    const image = registry.push('one', 'latest');
    const signature = registry.push('sig', tagFor(image, '.sig'));
    expect(await digestsOf()).not.toContain(signature);
  });

  test('those of the newest version are where another tag than latest keeps it, which stays when a newer one comes', async () => {
    const image = registry.push('one', 'latest');
    registry.tags.set('allowed', image);
    const signature = registry.push('sig', tagFor(image, '.sig'));
    expect(await digestsOf()).toEqual([signature]);
  });

  test('those of what nothing keeps are not', async () => {
    registry.push('sig', tagFor(registry.push('one', 'latest'), '.sig'));
    expect(await digestsOf({ ...INPUTS, keep: [] })).toEqual([]);
  });

  test('they stay and go with the grace period', async () => {
    const image = registry.push('one', 'v1');
    const signature = registry.push('sig', tagFor(image, '.sig'));
    const { outputs } = await resource().create(INPUTS);
    const unneeded = await resource().update(outputs, UNNEEDED);
    expect(unneeded['digests']).toEqual([image, signature].sort());
    for (const days of [31, 2]) {
      now = new Date(now.getTime() + days * 86_400_000);
      Object.assign(unneeded, await resource().update(unneeded, UNNEEDED));
    }
    expect(unneeded).toMatchObject({ digests: [], attachments: [] });
  });

  test('one that comes later joins by a refresh, and is an update', async () => {
    const image = registry.push('one', 'v1');
    const { outputs } = await resource().create(INPUTS);
    const signature = registry.push('sig', tagFor(image, '.sig'));
    expect(await resource().diff(INPUTS, INPUTS, outputs)).toEqual({ changed: [] });
    const read = (await resource().read(INPUTS, outputs))?.outputs ?? {};
    expect(read).toMatchObject({ digests: [image] });
    expect(await resource().diff(INPUTS, INPUTS, read)).toEqual({ changed: ['digests'] });
    const updated = await resource().update(read, INPUTS);
    expect(updated['digests']).toEqual([image, signature].sort());
  });

  test('that of a version that is published and signed joins the policies with it, a day later', async () => {
    const { outputs } = await resource().create(INPUTS);
    const image = registry.push('one', 'v1');
    registry.tags.set('latest', image);
    const signature = registry.push('sig', tagFor(image, '.sig'));
    const read = (await resource().read(INPUTS, outputs))?.outputs ?? {};
    expect(await resource().diff(INPUTS, INPUTS, read)).toEqual({ changed: [] });
    now = new Date(now.getTime() + 86_400_000);
    expect(await resource().diff(INPUTS, INPUTS, read)).toEqual({ changed: ['digests'] });
    const updated = await resource().update(read, INPUTS);
    expect(updated['digests']).toEqual([image, signature].sort());
  });

  test('that of an alias stays in the policies when a branch comes to need the version', async () => {
    const image = registry.push('one', 'latest-2');
    const signature = registry.push('sig', tagFor(image, '.sig'));
    registry.push('two', 'c'.repeat(32));
    const { outputs } = await resource().create(INPUTS);
    registry.tags.set('v1', image);
    const read = (await resource().read(INPUTS, outputs))?.outputs ?? {};
    expect(await resource().diff(INPUTS, INPUTS, read)).toEqual({ changed: [] });
    const updated = await resource().update(read, INPUTS);
    expect(updated['digests']).toEqual([signature]); // and the image by its alias
  });

  test('a list that is cut gives up nothing that belongs to a needed version', async () => {
    const image = registry.push('one', 'v1');
    const signature = registry.push('sig', tagFor(image, '.sig'));
    const { outputs } = await resource().create(INPUTS);
    registry.lose(signature);
    const read = (await resource().read(INPUTS, outputs))?.outputs ?? {};
    expect(await resource().diff(INPUTS, INPUTS, read)).toEqual({ changed: [] });
  });

  test('a list that is cut, once, makes policies keep no less', async () => {
    const image = registry.push('one', 'latest-2');
    const signature = registry.push('sig', tagFor(image, '.sig'));
    registry.push(about(image));
    const index = registry.push(indexOf(registry.push('member')), 'c'.repeat(32));
    const { outputs } = await resource().create(INPUTS);
    expect(outputs).toMatchObject({
      digests: [signature, ...(listsManifests ? [referrerOf(image)] : [])].sort(),
      attachmentsOfOne: listsManifests ? 2 : 1,
      mostAttachments: 0,
      looseAttachments: listsManifests,
      mostMembers: 1,
    });
    const cut = resource(cutOnce());
    expect((await cut.read(INPUTS, outputs))?.outputs).toEqual(outputs);
    registry.lose(signature);
    registry.lose(referrerOf(image));
    registry.lose(index);
    const read = await resource().read(INPUTS, outputs);
    expect(read?.outputs).toMatchObject({
      attachments: [],
      attachmentsOfOne: 0,
      mostAttachments: 0,
      looseAttachments: false,
      mostMembers: 0,
    });
  });

  test('a state from before has none, until the next look', async () => {
    const image = registry.push('one', 'v1');
    const { outputs } = await resource().create(INPUTS);
    const { attachments, mostAttachments, attachmentsOfOne, looseAttachments, ...others } = outputs;
    const { mostMembers, ...old } = others;
    const counts = [mostAttachments, attachmentsOfOne, mostMembers];
    expect({ attachments, looseAttachments, counts }).toEqual({
      attachments: [],
      looseAttachments: false,
      counts: [0, 0, 0],
    });
    const signature = registry.push('sig', tagFor(image, '.sig'));
    expect(await resource().diff(INPUTS, INPUTS, old)).toEqual({ changed: [] });
    const { keep, ...inputs } = INPUTS;
    expect(await resource().diff(inputs, INPUTS, old)).toEqual({ changed: [] });
    const other = { ...INPUTS, keep: keep.slice(1) };
    expect(await resource().diff(INPUTS, other, old)).toMatchObject({ changed: ['keep'] });
    const updated = await resource().update(old, INPUTS);
    expect(updated['digests']).toEqual([image, signature].sort());
  });
});

test('a manifest without a tag is kept with its subject, and such ones are told to the policies', async () => {
  registry = memoryRegistry({ listsManifests: true });
  const image = registry.push('one', 'v1');
  const referrer = registry.push(about(image));
  const own = registry.push(about(referrer));
  registry.push('garbage');
  const { outputs } = await resource().create(INPUTS);
  expect(outputs).toMatchObject({
    digests: [image, referrer, own].sort(),
    attachmentsOfOne: 2,
    looseAttachments: true,
  });
});
