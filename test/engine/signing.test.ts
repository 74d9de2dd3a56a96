import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { parseDigest, parseTag, type Digest } from '../../src/image-reference.ts';
import { findReferrers } from '../../src/registry/artifacts.ts';
import { digestOf } from '../../src/registry/manifest.ts';
import type { Signer } from '../../src/settings/signers.ts';
import { INPUTS_LABEL } from '../../src/tag/build-inputs.ts';
import { sharedFolder } from '../git/temporary-folder.ts';
import { newKey } from '../signing/some-keys.ts';
import { expectPlainFailure, plannedTags, previewedSteps } from '../support/engine-output.ts';
import { known } from '../support/fixtures.ts';
import { tracesOf, watchProcesses, type ProcessWatch, type Run } from '../support/processes.ts';
import { startPublishingFixture, type PublishingFixture } from '../support/publishing-fixture.ts';
import { startSigstore, tokenOf, type Sigstore } from '../support/sigstore.ts';
import { up, type TestCheckout } from '../support/test-checkout.ts';

const PASSPHRASE = 'canary-of-the-key';
const KEY = newKey(PASSPHRASE);
const ISSUER = 'https://gitlab.example.com';
const IDENTITY = 'https://gitlab.example.com/ci/images//.gitlab-ci.yml@refs/heads/main';
const TOKEN = tokenOf({ iss: ISSUER, sub: IDENTITY, aud: 'sigstore' });

const folder = sharedFolder();
const keyFile = join(folder, 'signing.key');
let fixture: PublishingFixture;
let checkout: TestCheckout;
let sigstore: Sigstore;
let watch: ProcessWatch;
let printed = '';
const states: string[] = [];
/** What alpha and beta were published as before anything was signed. */
let unsigned: Readonly<Record<'alpha' | 'beta', Digest>>;

// Two images, published without signatures.
beforeAll(async () => {
  fixture = await startPublishingFixture();
  sigstore = await startSigstore();
  checkout = await fixture.checkout({ plugIns: 'started' });
  checkout.declare(['alpha', 'beta'], fixture.base);
  checkout.commit();
  writeFileSync(keyFile, KEY.pem, { mode: 0o600 });
  watch = watchProcesses();
  await succeed(up());
  unsigned = { alpha: await digestAt('alpha'), beta: await digestAt('beta') };
}, 600_000);

afterAll(async () => {
  watch.end();
  await sigstore.close();
  await fixture.close();
});

const digestAt = async (image: string, tag = 'latest') =>
  (await fixture.digest(image, tag)) ?? expect.fail(`no ${image}:${tag}`);

const signaturesOf = (image: string, digest: Digest) =>
  findReferrers(fixture.client, fixture.repository(image), digest);

async function pulumi(args: readonly string[], more: NodeJS.ProcessEnv = {}): Promise<Run> {
  const run = await checkout.run('pulumi', args, more);
  printed += run.output;
  return run;
}

async function succeed(args: readonly string[], more: NodeJS.ProcessEnv = {}): Promise<Run> {
  const run = await pulumi(args, more);
  expect(run.code, run.output).toBe(0);
  states.push((await checkout.run('pulumi', ['stack', 'export', '--show-secrets'])).stdout);
  return run;
}

const REFRESHING = ['--refresh', '--run-program', '--non-interactive'];

const withKey = { IMAGES_SIGNING_PASSPHRASE: PASSPHRASE };

function configure(signers: readonly Signer[], more: Readonly<Record<string, unknown>> = {}) {
  checkout.configure({ signing: keyFile, signers, ...more });
  checkout.commit();
}

interface Checked {
  readonly signer?: unknown;
  readonly findings: readonly { check: string; state: string; found: string }[];
}

/** What `images check` says, with its exit code. */
async function check(image: string): Promise<Checked & { readonly code: number | null }> {
  const { code, stdout, output } = await checkout.images(
    'check',
    image,
    '--json',
    '--stack',
    'sandbox',
  );
  printed += output;
  return { code, ...(JSON.parse(stdout) as Checked) };
}

const signatureIn = ({ findings }: Checked) => findings.find(({ check: of }) => of === 'signature');

describe('what is published already', () => {
  it('is signed at the next run, and stays as it is', async () => {
    configure([KEY.signer]);
    expect(signatureIn(await check('alpha'))).toMatchObject({ state: 'failed' });
    await succeed(up(), withKey);
    for (const image of ['alpha', 'beta'] as const) {
      expect(await digestAt(image)).toBe(unsigned[image]);
      expect(await signaturesOf(image, unsigned[image])).toHaveLength(1);
      const { signer, findings } = await check(image);
      expect(signer).toEqual(KEY.signer);
      expect(findings).toContainEqual(expect.objectContaining({ check: 'inputs', state: 'ok' }));
    }
  });

  it('changes nothing in the runs after', async () => {
    await succeed(['preview', ...REFRESHING, '--expect-no-changes']);
  });

  it('is not signed again, and neither a preview nor a check needs the key', async () => {
    renameSync(keyFile, `${keyFile}.away`);
    try {
      await succeed(['preview', '--expect-no-changes', '--non-interactive']);
      expect(await check('alpha')).toMatchObject({ signer: KEY.signer });
      checkout.write('config/contexts/alpha/content', 'planned\n');
      expect(await previewedSteps(checkout)).toContain('update oci:index:Tag alpha-latest');
      checkout.write('config/contexts/alpha/content', 'alpha\n');
    } finally {
      renameSync(`${keyFile}.away`, keyFile);
    }
    await succeed(up('--refresh', '--run-program'), withKey);
    expect(await signaturesOf('alpha', unsigned.alpha)).toHaveLength(1);
  });

  it('gets its signature back that a refresh finds gone', async () => {
    const [signature] = await signaturesOf('alpha', unsigned.alpha);
    const { client } = fixture;
    await client.deleteManifest(fixture.repository('alpha'), signature?.digest ?? unsigned.alpha);
    expect(await check('alpha')).toMatchObject({ code: 5 });
    expect(await previewedSteps(checkout, '--refresh', '--run-program')).toEqual([
      'update oci:index:Tag alpha-latest',
    ]);
    await succeed(up('--refresh', '--run-program'), withKey);
    expect(await check('alpha')).toMatchObject({ signer: KEY.signer });
  });
});

it('a signature that can not be made fails its image by name, and no other', async () => {
  checkout.write('config/contexts/alpha/content', 'signed by nobody\n');
  checkout.commit();
  const failed = await pulumi(up('--continue-on-error'), { IMAGES_SIGNING_PASSPHRASE: 'wrong' });
  expectPlainFailure(failed, 'SIGNING_KEY', 'IMAGES_SIGNING_PASSPHRASE', /alpha is not published/);
  expect(failed.output).not.toMatch(/beta is not published/);
  expect(await digestAt('alpha')).toBe(unsigned.alpha);
  expect(await fixture.digest('alpha', plannedTags(checkout)['alpha'] ?? '')).toBeUndefined();
  await succeed(up(), withKey);
  expect(await check('alpha')).toMatchObject({ code: 0, signer: KEY.signer });
});

it('a check misses an attestation that somebody has deleted', async () => {
  const { client } = fixture;
  const repository = fixture.repository('alpha');
  const index = await client.getManifest(repository, await digestAt('alpha'));
  const { manifests } = JSON.parse(Buffer.from(index?.bytes ?? '').toString()) as {
    manifests: { digest: Digest; mediaType: string; platform: { os: string } }[];
  };
  const { digest } = manifests.find(({ platform }) => platform.os === 'unknown') ?? expect.fail();
  const attestation = await client.getManifest(repository, digest);
  await client.deleteManifest(repository, digest);
  const { code, findings } = await check('alpha');
  expect(code).toBe(5);
  expect(findings).toContainEqual(
    expect.objectContaining({ check: 'provenance', state: 'failed' }),
  );
  if (attestation !== undefined) await client.putManifest(repository, digest, attestation);
  expect(await check('alpha')).toMatchObject({ code: 0 });
});

describe('adopt: signed', () => {
  it('refuses a tag that was planted after a build that failed, from its first run on', async () => {
    checkout.write('config/contexts/beta/content', 'planted before\n');
    checkout.commit();
    const failed = await pulumi(up('--continue-on-error'), { IMAGES_SIGNING_PASSPHRASE: 'wrong' });
    expectPlainFailure(failed, 'SIGNING_KEY', /beta is not published/);
    const planted = await plant('beta');
    configure([KEY.signer], { adopt: 'signed' });
    for (const options of [[], ['--refresh', '--run-program']]) {
      const refused = await pulumi(up('--continue-on-error', ...options), withKey);
      expectPlainFailure(refused, 'TAG_NOT_SIGNED', `adopt: ${planted}`);
      expect(refused.output).not.toMatch(/alpha is not published/);
      expect(await digestAt('beta')).toBe(unsigned.beta);
    }
  });

  it('refuses a planted tag, and takes its image when the catalog has its digest', async () => {
    configure([KEY.signer], { adopt: 'signed' });
    checkout.write('config/contexts/beta/content', 'next\n');
    checkout.commit();
    const planted = await plant('beta');
    const failed = await pulumi(up('--continue-on-error'), withKey);
    expectPlainFailure(failed, 'TAG_NOT_SIGNED', 'no signature', `adopt: ${planted}`);
    expect(await digestAt('beta')).toBe(unsigned.beta);
    expect(await signaturesOf('beta', planted)).toEqual([]);
    adopt('beta', planted);
    await succeed(up(), withKey);
    expect(await digestAt('beta')).toBe(planted);
    expect(await check('beta')).toMatchObject({ signer: KEY.signer });
  });

  it('takes what this project has signed, with a lost state too', async () => {
    const alpha = await digestAt('alpha');
    const state = join(checkout.root, '.sandbox/state/.pulumi');
    rmSync(state, { recursive: true });
    await pulumi(['stack', 'init', 'sandbox']);
    configure([KEY.signer], { adopt: 'signed' });
    const { output } = await pulumi(up(), withKey);
    expect(output).not.toMatch(/TAG_NOT_SIGNED|docker:index:Image alpha creat/);
    expect(await digestAt('alpha')).toBe(alpha);
    expect(await signaturesOf('alpha', alpha)).toHaveLength(1);
  });
});

it('an identity signs where its pipeline has a token, and a check tells it from every other', async () => {
  const signer = { issuer: ISSUER, identity: IDENTITY };
  checkout.write('config/trusted-root.json', sigstore.trustedRoot);
  const { fulcio, rekor } = sigstore;
  const keyless = { signing: 'keyless', signingFulcio: fulcio, signingRekor: rekor };
  const settings = { ...keyless, signingTrustedRoot: 'config/trusted-root.json' };
  configure([signer], settings);
  await pulumi(up(), { SIGSTORE_ID_TOKEN: TOKEN });
  expect(await check('alpha')).toMatchObject({ signer });
  expect(await signaturesOf('alpha', await digestAt('alpha'))).toHaveLength(2);
  configure([{ ...signer, identity: `${IDENTITY}-of-a-fork` }], settings);
  expect(signatureIn(await check('alpha'))).toMatchObject({
    state: 'failed',
    found: expect.stringContaining(`it is by ${IDENTITY}`) as unknown,
  });
});

it('no state, no output and no argument has a key, a passphrase or a token', () => {
  const [, line = ''] = KEY.pem.split('\n');
  const places = [printed, ...states, ...watch.commands];
  expect(states.length).toBeGreaterThan(4);
  for (const secret of [PASSPHRASE, line, TOKEN]) {
    for (const trace of tracesOf(secret)) {
      expect(places.filter((text) => text.includes(trace))).toEqual([]);
    }
  }
});

/** Puts another image under the tag that is planned, with the labels that say it was built for that. */
async function plant(image: string): Promise<Digest> {
  const { client } = fixture;
  const repository = fixture.repository(image);
  const tag = plannedTags(checkout)[image] ?? '';
  const published = await client.getManifest(repository, await digestAt(image));
  const index = JSON.parse(Buffer.from(published?.bytes ?? '').toString()) as object;
  const annotations = { [INPUTS_LABEL]: tag, planted: 'yes' };
  const bytes = Buffer.from(JSON.stringify({ ...index, annotations }));
  const mediaType = published?.mediaType ?? '';
  await client.putManifest(repository, known(parseTag(tag)), { mediaType, bytes });
  return known(parseDigest(digestOf(bytes)));
}

function adopt(image: string, digest: Digest): void {
  const catalog = parse(readFileSync(join(checkout.root, 'config/images.yml'), 'utf8')) as {
    images: { name: string; adopt?: string }[];
  };
  for (const entry of catalog.images) if (entry.name === image) entry.adopt = digest;
  checkout.write('config/images.yml', stringify(catalog));
  checkout.commit();
}
