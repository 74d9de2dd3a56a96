import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Digest } from '../../src/image-reference.ts';
import {
  REPOSITORY,
  startDeclaredRegistry,
  type DeclaredRegistry,
} from '../support/declared-registry.ts';
import { plannedTags, succeeded } from '../support/engine-output.ts';
import { known } from '../support/fixtures.ts';
import { up } from '../support/test-checkout.ts';

const DAY = 86_400;
const Inventory = z.object({ dockerImages: z.array(z.object({ name: z.string() })) });
const Index = z.object({ manifests: z.array(z.object({ digest: z.string() })) });
const Report = z.object({
  repositories: z.array(z.object({ dryRun: z.boolean(), deleted: z.array(z.string()) })),
});

/** An image as it was published on some day. */
interface Version {
  readonly image: string;
  readonly tag: string;
  readonly digest: Digest;
  /** The image in the index. */
  readonly member: Digest;
  /** The other members of the index, without a tag. */
  readonly attestations: readonly Digest[];
}

let declared: DeclaredRegistry;
let published: Record<'alpha1' | 'alpha2' | 'alpha3' | 'beta1' | 'beta2' | 'beta3', Version>;

// What the tests clean up, by the policies: 30 days for tagged versions, 7 for untagged ones; the
// newest one of each image stays, what `latest` names, and the first of beta, by its tag.
//
//     day   0       10      25          30                  45
//     alpha alpha1  alpha2  alpha3      latest to alpha1    alpha2: tagged, 35 days old; goes
//     beta  beta1           beta2       beta3               beta2: lost its tag, 20 days old; goes
//
// The image in an index stays as long as the index; then its own age decides, and its platform tag makes it a tagged
// version: that of alpha2 goes in the next clean-up, that of beta2 is 20 days old. Their attestations have no tag, and go
// then. alpha1 (45 days) stays for `latest`, alpha3 (20 days) is the newest of alpha and within the window, beta1 (45 days)
// is allowed, and beta3 is the newest of beta.
beforeAll(async () => {
  declared = await startDeclaredRegistry(['alpha', 'beta']);
  const [alpha1, beta1] = await publish({ alpha: 'alpha\n', beta: 'beta\n' });
  await advance(10);
  const [alpha2] = await publish({ alpha: 'alpha, second\n' });
  await advance(15);
  const [alpha3, beta2] = await publish({ alpha: 'alpha, third\n', beta: 'beta, second\n' });
  await advance(5);
  declared.retain({ allow: [`beta:${beta1.tag}`] });
  const [, beta3] = await publish({ alpha: 'alpha\n', beta: 'beta, third\n' });
  published = { alpha1, alpha2, alpha3, beta1, beta2, beta3 };
  await declared.act('DELETE', `v1/${REPOSITORY}/packages/beta/tags/${beta2.tag}`);
  await advance(15);
});

afterAll(() => declared.close());

describe('the clean-up of what was published, step by step', () => {
  it('lists in the inventory what the registry holds, untagged versions as well', async () => {
    expect(await inventory()).toEqual(namesOf(Object.values(published)));
    expect(await held()).toEqual(Object.keys(published));
  });

  it('deletes nothing in a dry run, and logs what would go', async () => {
    expect(await cleanUp()).toEqual({ dryRun: true, deleted: condemned() });
    expect(await declared.act('GET', 'emulator/v1/auditLog')).toMatchObject({
      entries: [{ protoPayload: { request: { names: condemned(), validateOnly: true } } }],
    });
    expect(await held()).toEqual(Object.keys(published));
  });

  it('deletes exactly what the policies say once the dry run is off', async () => {
    declared.retain({ dryRun: false, allow: [`beta:${published.beta1.tag}`] });
    const { code, output } = await declared.checkout.pulumi(...up());
    expect(output).toContain('~ 1 updated');
    expect(code).toBe(0);
    expect(await cleanUp()).toEqual({ dryRun: false, deleted: condemned() });
    expect(await held()).toEqual(['alpha1', 'alpha3', 'beta1', 'beta3']);
    const { alpha1, alpha2, alpha3, beta1, beta2, beta3 } = published;
    const kept = namesOf([alpha1, alpha3, beta1, beta3]);
    const left = [...memberNames(alpha2), ...memberNames(beta2)];
    expect(await inventory()).toEqual([...kept, ...left].sort());
    const attestations = [alpha2, beta2].flatMap((version) =>
      version.attestations.map((digest) => versionName({ ...version, digest })),
    );
    const member = versionName({ ...alpha2, digest: alpha2.member });
    const deleted = [member, ...attestations].sort();
    expect(await cleanUp()).toEqual({ dryRun: false, deleted });
    expect(await inventory()).toEqual([...kept, ...memberNames(beta2).slice(0, 1)].sort());
  });

  it('leaves what latest names, however old it is', async () => {
    const { alpha1, beta3 } = published;
    expect(await declared.fixture.digest('alpha', 'latest')).toBe(alpha1.digest);
    expect(await declared.fixture.digest('beta', 'latest')).toBe(beta3.digest);
  });

  it('leaves nothing for the next run to do', async () => {
    await succeeded(declared.checkout.pulumi(...up('--refresh', '--expect-no-changes')));
    expect(await cleanUp()).toEqual({ dryRun: false, deleted: [] });
  });

  it('lets what went and is needed again be built anew, under the same tag', async () => {
    const [again] = await publish({ alpha: 'alpha, second\n' });
    expect(again.tag).toBe(published.alpha2.tag);
    expect(await inventory()).toContain(namesOf([again])[0]);
  });
});

/** Versions that the policies don't keep, by the table above. */
const condemned = () => [published.alpha2, published.beta2].map(versionName).sort();

/** Publishes both images, one or both with another content; gives them as they are now. */
async function publish(contents: Readonly<Record<string, string>>): Promise<[Version, Version]> {
  const { checkout, fixture } = declared;
  for (const [image, content] of Object.entries(contents)) {
    checkout.write(`config/contexts/${image}/content`, content);
  }
  const { code, output } = await checkout.pulumi(...up());
  if (code !== 0) throw new Error(output);
  const tags = plannedTags(checkout);
  const versionOf = async (image: string): Promise<Version> => {
    const tag = tags[image] ?? '';
    const digest = known(await fixture.digest(image, tag));
    const member = known(await fixture.digest(image, `${tag}-linux-amd64`));
    const index = known(await fixture.client.getManifest(fixture.repository(image), digest));
    const named = Index.parse(JSON.parse(Buffer.from(index.bytes).toString())).manifests;
    const attestations = named.flatMap((each) => (each.digest === member ? [] : each.digest));
    return { image, tag, digest, member, attestations: attestations as Digest[] };
  };
  return [await versionOf('alpha'), await versionOf('beta')];
}

async function advance(days: number): Promise<void> {
  await declared.act('PUT', 'emulator/v1/clock', { advance: `${days * DAY}s` });
}

async function cleanUp() {
  const { repositories } = Report.parse(await declared.act('POST', 'emulator/v1/cleanup', {}));
  return repositories[0];
}

function versionName({ image, digest }: Version): string {
  return `${REPOSITORY}/packages/${image}/versions/${digest}`;
}

function namesOf(versions: readonly Version[]): string[] {
  const nameOf = ({ image, digest }: Version) => `${REPOSITORY}/dockerImages/${image}@${digest}`;
  return versions.flatMap((version) => [nameOf(version), ...memberNames(version)]).sort();
}

/** The image first. */
function memberNames({ image, member, attestations }: Version): string[] {
  return [member, ...attestations].map((digest) => `${REPOSITORY}/dockerImages/${image}@${digest}`);
}

async function inventory(): Promise<string[]> {
  const { dockerImages } = Inventory.parse(await declared.read(`${REPOSITORY}/dockerImages`));
  return dockerImages.map(({ name }) => name).sort();
}

/** Which of them can be pulled by their digest. */
async function held(): Promise<string[]> {
  const { fixture } = declared;
  const answers = Object.entries(published).map(async ([name, { image, digest }]) => {
    const found = await fixture.client.headManifest(fixture.repository(image), digest);
    return found === undefined ? [] : [name];
  });
  return (await Promise.all(answers)).flat();
}
