import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { REPOSITORY } from '../support/declared-registry.ts';
import { previewedSteps, plannedTags, succeeded } from '../support/engine-output.ts';
import { startPublishingFixture, type PublishingFixture } from '../support/publishing-fixture.ts';
import { up, type TestCheckout } from '../support/test-checkout.ts';

let fixture: PublishingFixture;
let checkout: TestCheckout;
let first: Record<string, string>;

beforeAll(async () => {
  fixture = await startPublishingFixture();
  checkout = await fixture.checkout();
  checkout.declare(['alpha', 'beta', 'gamma'], fixture.base);
  checkout.commit();
  first = plannedTags(checkout);
});

afterAll(() => fixture.close());

const tagOf = (name: string): string => first[name] ?? '';

describe('publishing, step by step', () => {
  it('shows full names in the very first preview, and pushes nothing', async () => {
    fixture.gate.forget();
    const { code, output } = await checkout.pulumi('preview', '--diff', '--color', 'never');
    expect(code).toBe(0);
    expect(output).toContain(
      `${fixture.gate.address}/${fixture.repository('alpha')}:${tagOf('alpha')}`,
    );
    expect(writes()).toEqual([]);
  });

  it('brings every image up under its immutable tag, latest on the same digest', async () => {
    await succeeded(checkout.pulumi(...up()));
    for (const name of ['alpha', 'beta', 'gamma']) {
      const digest = await fixture.digest(name, tagOf(name));
      expect(digest).toMatch(/^sha256:/);
      expect(await fixture.digest(name, 'latest')).toBe(digest);
    }
  });

  it('puts references by digest, tags and aliases into the outputs', async () => {
    const { stdout } = await checkout.pulumi('stack', 'output', 'images', '--json');
    const digest = await fixture.digest('alpha', tagOf('alpha'));
    expect(JSON.parse(stdout)).toHaveProperty('alpha', {
      reference: `${fixture.gate.address}/${fixture.repository('alpha')}@${digest ?? ''}`,
      repository: fixture.repository('alpha'),
      digest,
      tag: tagOf('alpha'),
      aliases: ['latest'],
    });
  });

  it('changes nothing the second time, and writes nothing to the registry', async () => {
    fixture.gate.forget();
    await succeeded(checkout.pulumi(...up('--expect-no-changes')));
    expect(writes()).toEqual([]);
  });

  it('asks the registry nothing once the answers are in the state', async () => {
    fixture.gate.forget();
    const { code } = await checkout.pulumi(...up('--expect-no-changes'));
    expect(code).toBe(0);
    expect(fixture.gate.seen).toEqual([]);
  });

  it('finds no drift after that', async () => {
    await succeeded(checkout.pulumi('preview', '--refresh', '--expect-no-changes'));
  });

  it('does not rebuild for another commit', async () => {
    checkout.write('config/notes.md', 'nothing that is built from\n');
    checkout.commit();
    expect(await previewedSteps(checkout)).toEqual([]);
  });

  it('previews one changed file as one image and its alias', async () => {
    checkout.write('config/contexts/beta/content', 'beta, changed\n');
    const second = plannedTags(checkout);
    expect({ ...second, beta: '' }).toEqual({ ...first, beta: '' });
    expect(second['beta']).not.toBe(tagOf('beta'));
    expect(await previewedSteps(checkout)).toEqual([
      'replace docker:index/image:Image beta',
      'replace oci:index:Publication beta',
      'update oci:index:Tag beta-latest',
    ]);
  });

  it('changes exactly that image and its alias', async () => {
    const before = await fixture.digest('alpha', 'latest');
    const old = await fixture.digest('beta', tagOf('beta'));
    expect((await checkout.pulumi(...up())).code).toBe(0);
    const { beta = '' } = plannedTags(checkout);
    const digest = await fixture.digest('beta', beta);
    expect(digest).not.toBe(old);
    expect(await fixture.digest('beta', 'latest')).toBe(digest);
    expect(await fixture.digest('beta', tagOf('beta'))).toBe(old);
    expect(await fixture.digest('alpha', 'latest')).toBe(before);
  });

  it('adopts the old digest after a revert, and builds nothing', async () => {
    const old = await fixture.digest('beta', tagOf('beta'));
    checkout.write('config/contexts/beta/content', 'beta\n');
    await fixture.forgetBuilds();
    fixture.gate.forget();
    expect((await checkout.pulumi(...up())).code).toBe(0);
    expect(await fixture.digest('beta', tagOf('beta'))).toBe(old);
    expect(await fixture.digest('beta', 'latest')).toBe(old);
    expect(writes()).toEqual([`PUT /v2/${fixture.repository('beta')}/manifests/latest`]);
  });

  it('keeps every immutable tag when the stack is destroyed, and the registry that they are in', async () => {
    const old = await fixture.digest('beta', tagOf('beta'));
    const destroy = ['destroy', '--yes', '--skip-preview', '--color', 'never'];
    const plain = await checkout.pulumi(...destroy);
    expect(plain.output).toMatch(/cannot be deleted\s+because it is protected/);
    expect(plain.code).not.toBe(0);
    expect((await checkout.pulumi(...destroy, '--exclude-protected')).code).toBe(0);
    expect(await fixture.digest('beta', tagOf('beta'))).toBe(old);
    expect(await fixture.digest('alpha', tagOf('alpha'))).toMatch(/^sha256:/);
    expect((await fixture.call('GET', `v1/${REPOSITORY}`)).status).toBe(200);
  });
});

function writes(): string[] {
  return fixture.gate.seen.filter((request) => !/^(GET|HEAD) /.test(request));
}
