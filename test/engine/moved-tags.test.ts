import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseTag, type Digest, type Tag } from '../../src/image-reference.ts';
import { expectPlainFailure, plannedTags, previewedSteps } from '../support/engine-output.ts';
import { startPublishingFixture, type PublishingFixture } from '../support/publishing-fixture.ts';
import { pushPlatformImage } from '../support/pushed-images.ts';
import { up, type TestCheckout } from '../support/test-checkout.ts';

let fixture: PublishingFixture;
let checkout: TestCheckout;
/** The immutable tag of alpha, and what it was published as. */
let tag: Tag;
let first: Digest;

beforeAll(async () => {
  fixture = await startPublishingFixture();
  checkout = await fixture.checkout();
  checkout.declare(['alpha', 'beta'], fixture.base);
  await succeed(...up());
  await succeed(...up('--expect-no-changes'));
  tag = tagOf('alpha');
  first = (await fixture.digest('alpha', tag)) ?? expect.fail('alpha is not published');
});

afterAll(() => fixture.close());

describe('an immutable tag that names another digest', () => {
  it('is drift', async () => {
    await overwrite();
    expect(await previewedSteps(checkout, '--refresh')).toEqual([
      'update oci:index:Publication alpha',
    ]);
    const gate = await checkout.pulumi('preview', '--refresh', '--expect-no-changes', '--diff');
    expect(gate.code).toBe(7);
    expect(gate.output).toMatch(/- foundInstead: "sha256:/);
  });

  it('is put back by up --refresh, and its digest stays in the outputs all along', async () => {
    const { output } = await succeed(...up('--refresh'));
    expect(output).toContain('~ 1 updated');
    expect(await fixture.digest('alpha', tag)).toBe(first);
    expect(await outputs()).toHaveProperty('alpha.digest', first);
    await succeed('preview', '--refresh', '--expect-no-changes');
    await succeed(...up('--expect-no-changes'));
  });

  it('stops its image alone where the earlier digest is gone', async () => {
    const now = await overwrite();
    await fixture.client.deleteManifest(fixture.repository('alpha'), first);
    checkout.write('config/contexts/beta/content', 'beta, changed\n');
    const failed = await checkout.pulumi(...up('--refresh', '--continue-on-error'));
    expectPlainFailure(failed, 'TAG_OVERWRITTEN', first, `adopt: ${now}`);
    expect(await fixture.digest('beta', tagOf('beta'))).toMatch(/^sha256:/);
    expect(await fixture.digest('alpha', tag)).toBe(now);
  });

  it('is accepted by a line of the catalog', async () => {
    const now = (await fixture.digest('alpha', tag)) ?? expect.fail();
    declare(['alpha', 'beta'], now);
    expect(tagOf('alpha')).toBe(tag);
    await succeed(...up());
    expect(await outputs()).toHaveProperty('alpha.digest', now);
    expect(await fixture.digest('alpha', 'latest')).toBe(now);
    await succeed('preview', '--refresh', '--expect-no-changes');
  });
});

describe('an image that somebody else pushed under the tag of a new one', () => {
  it('stops that image alone, with what it is, until a line of the catalog accepts it', async () => {
    checkout.declare(['gamma', 'alpha', 'beta'], fixture.base);
    const { gate, client } = fixture;
    const target = { address: gate.address, repository: fixture.repository('gamma'), client };
    const theirs = await pushPlatformImage(target, 'linux/amd64', 'by hand', tagOf('gamma'));
    const failed = await checkout.pulumi(...up('--continue-on-error'));
    expectPlainFailure(failed, 'TAG_NOT_OURS', `it names ${theirs}`, `adopt: ${theirs}`);
    expect(await outputs()).not.toHaveProperty('gamma');
    declare(['gamma', 'alpha', 'beta'], theirs);
    await succeed(...up());
    expect(await outputs()).toHaveProperty('gamma.digest', theirs);
  });
});

it('a second stack is refused at the repository of the first, before it changes anything', async () => {
  await succeed('stack', 'init', 'second');
  checkout.write(
    'Pulumi.second.yaml',
    readFileSync(`${checkout.root}/Pulumi.sandbox.yaml`, 'utf8').replace(
      /^encryptionsalt: .*\n/m,
      '',
    ),
  );
  fixture.gate.forget();
  const owners = ['belongs to the stack organization_kubernetes-ci-images_sandbox', '_second'];
  for (const command of [['preview', '--color', 'never'], up()]) {
    const refused = await checkout.pulumi(...command, '--stack', 'second');
    expectPlainFailure(refused, ...owners, '--remove-labels=owner');
  }
  expect(fixture.gate.seen).toEqual([]);
  await succeed('stack', 'select', 'sandbox');
});

/** Declares images, the first of which may be adopted as a digest. */
function declare(names: readonly string[], adopt: Digest): void {
  checkout.declare(names, fixture.base);
  const catalog = `${checkout.root}/config/images.yml`;
  const text = readFileSync(catalog, 'utf8');
  checkout.write(
    'config/images.yml',
    text.replace('\n    base:', `\n    adopt: ${adopt}\n    base:`),
  );
}

/** Gives alpha's tag to a copy of its manifest that differs in white space, and returns the copy's digest. */
async function overwrite(): Promise<Digest> {
  const repository = fixture.repository('alpha');
  const manifest = (await fixture.client.getManifest(repository, tag)) ?? expect.fail('no alpha');
  const bytes = Buffer.concat([manifest.bytes, Buffer.from('\n')]);
  return fixture.client.putManifest(repository, tag, { ...manifest, bytes });
}

function tagOf(name: string): Tag {
  return parseTag(plannedTags(checkout)[name] ?? '') ?? expect.fail(name);
}

async function outputs(): Promise<unknown> {
  return JSON.parse((await succeed('stack', 'output', 'images', '--json')).stdout);
}

async function succeed(...args: string[]) {
  const run = await checkout.pulumi(...args);
  expect(run.code, run.output).toBe(0);
  return run;
}
