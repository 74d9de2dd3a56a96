import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Digest } from '../../src/image-reference.ts';
import { attach as attachArtifact } from '../../src/registry/artifacts.ts';
import { DAY_MS } from '../support/branching-project.ts';
import {
  REPOSITORY,
  startDeclaredRegistry,
  type DeclaredRegistry,
} from '../support/declared-registry.ts';
import { known } from '../support/fixtures.ts';
import {
  cleanUp,
  forecastFor,
  publishedVersions,
  withMembers,
  type NamedVersion,
} from '../support/held-versions.ts';
import { IMAGE, INDEX, pushManifest } from '../support/pushed-images.ts';
import { up } from '../support/test-checkout.ts';

const DAYS = 40;
const UNKNOWN = { os: 'unknown', architecture: 'unknown' };

let declared: DeclaredRegistry;
const versions: Record<string, NamedVersion> = {};

// All of alpha, in the order of the upload, and 40 days old but for alpha2; the window is 30 days. Each publication is
// an index of one platform, such as `alpha0 member`:
//
//     alpha0  with a signature
//     alpha1  with a signature by a tag of cosign, and a referrer in the index of its referrers' tag
//     multi   an index of a part and its attestation; both the index and the part have a signature
//     alpha2, alpha3, alpha4  the newest
beforeAll(async () => {
  declared = await startDeclaredRegistry(['alpha']);
  declared.retain({ dryRun: false });
  const alpha0 = await publish(0);
  await attach('signature0', alpha0, tagFor(alpha0, '.sig'));
  const alpha1 = await publish(1);
  await attach('signature1', alpha1, tagFor(alpha1, '.sig'));
  const referrer = await attach('referrer1', alpha1);
  await putIndex('referrers1', [referrer], tagFor(alpha1));
  const part = await attach('part', alpha1);
  const attestation = await attach('attestation', part);
  const multi = await putIndex('multi', [part, attestation], 'multi');
  await attach('signature of the part', part, tagFor(part, '.sig'));
  await sign('signature', multi);
  await declared.act('PUT', 'emulator/v1/clock', { advance: `${DAYS * 86_400}s` });
});

afterAll(() => declared.close());

describe('what belongs to a version', () => {
  it('stays with one that is kept, and goes with one that goes, as was forecast', async () => {
    const allow = [`alpha:${versions['alpha1']?.tag}`, 'alpha:multi'];
    declared.retain({ dryRun: false, allow });
    await publish(2);
    expect(await cleanedUp()).toEqual(['alpha0', 'signature0']);
    expect(await cleanedUp()).toEqual(['alpha0 attestation', 'alpha0 member']);
    expect(await cleanedUp()).toEqual([]);
  });

  it('is no change for a refresh to find', async () => {
    await succeed('preview', '--refresh', '--run-program', '--expect-no-changes');
  });

  it('does not hold up a version that nothing keeps any more', async () => {
    declared.retain({ dryRun: false });
    // What follows takes their places among the newest.
    await publish(3);
    await publish(4);
    const ofMulti = ['multi', 'signature of the part', 'signature, by its tag'];
    const ofAlpha1 = ['alpha1', 'referrers1', 'signature1'];
    expect(await cleanedUp()).toEqual([...ofAlpha1, ...ofMulti].sort());
    const ofIndex = ['alpha1 attestation', 'alpha1 member'];
    const members = [...ofIndex, 'attestation', 'part', 'referrer1', 'signature'];
    expect(await cleanUp(declared, versions)).toEqual(members);
  });
});

/** What the clean-up deletes, which is what was forecast. */
async function cleanedUp(): Promise<readonly string[]> {
  const forecast = await forecastFor(declared, versions, new Date(Date.now() + DAYS * DAY_MS));
  const deleted = await cleanUp(declared, versions);
  expect(forecast).toEqual({ code: 0, goes: deleted });
  return deleted;
}

async function publish(number: number): Promise<Digest> {
  declared.checkout.write('config/contexts/alpha/content', `alpha ${number}\n`);
  await succeed(...up('--refresh', '--run-program'));
  const published = await publishedVersions(declared, { alpha: number });
  Object.assign(versions, await withMembers(declared, published));
  await look();
  return versions[`alpha${number}`]?.digest ?? expect.fail('nothing is published');
}

async function contentOf(digest: Digest) {
  const { fixture } = declared;
  const manifest = await fixture.client.getManifest(fixture.repository('alpha'), digest);
  return JSON.parse(Buffer.from(manifest?.bytes ?? '').toString()) as {
    readonly layers?: unknown;
    readonly config?: unknown;
    readonly manifests?: readonly { readonly digest: Digest }[];
  };
}

/** The emulator takes the time of an upload when it first sees a version. */
const look = () => declared.read(`${REPOSITORY}/dockerImages`);

/** Pushes a manifest that is about another one; without a tag, if none is given. */
async function attach(name: string, subject: Digest, tag?: string): Promise<Digest> {
  const { manifests: [member] = [] } = await contentOf(subject);
  const { layers, config } = await contentOf(member?.digest ?? subject);
  const about = { mediaType: IMAGE, digest: subject, size: 1 };
  const content = { layers, config, subject: about, annotations: { name } };
  return put(name, IMAGE, content, tag);
}

/** An index of an image, and of what is no image. */
function putIndex(name: string, parts: readonly Digest[], tag: string): Promise<Digest> {
  const manifests = parts.map((digest, at) => ({
    ...{ mediaType: IMAGE, digest, size: 1 },
    platform: at === 0 ? { os: 'linux', architecture: 'amd64' } : UNKNOWN,
  }));
  return put(name, INDEX, { manifests }, tag);
}

/** Signs as this project does; here the registry has no list of referrers, but a tag in its place. */
async function sign(name: string, subject: Digest): Promise<void> {
  const { fixture } = declared;
  const repository = fixture.repository('alpha');
  const described = { mediaType: INDEX, digest: subject, size: 1 };
  const layers = [{ mediaType: 'application/json', bytes: Buffer.from('{}') }];
  const artifact = { artifactType: 'application/test', layers, annotations: { name } };
  const digest = await attachArtifact(fixture.client, repository, described, artifact);
  const tag = tagFor(subject);
  const tagged = known(await fixture.digest('alpha', tag));
  versions[name] = { image: 'alpha', tag: '', digest };
  versions[`${name}, by its tag`] = { image: 'alpha', tag, digest: tagged };
  await look();
}

async function put(name: string, mediaType: string, content: object, tag?: string) {
  const { fixture } = declared;
  const target = { client: fixture.client, repository: fixture.repository('alpha') };
  const digest = await pushManifest(target, mediaType, content, tag);
  versions[name] = { image: 'alpha', tag: tag ?? '', digest };
  await look();
  return digest;
}

function tagFor(digest: Digest, end = ''): string {
  return `sha256-${digest.slice('sha256:'.length)}${end}`;
}

async function succeed(...args: string[]): Promise<void> {
  const { code, output } = await declared.checkout.pulumi(...args);
  expect(output).not.toMatch(/\b(?:error|warning):/);
  expect(code, output).toBe(0);
}
