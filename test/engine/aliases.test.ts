import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { plannedTags, succeeded } from '../support/engine-output.ts';
import { startPublishingFixture, type PublishingFixture } from '../support/publishing-fixture.ts';
import { up, type TestCheckout } from '../support/test-checkout.ts';

const SETTINGS = 'Pulumi.sandbox.yaml';

let fixture: PublishingFixture;
let checkout: TestCheckout;

beforeAll(async () => {
  fixture = await startPublishingFixture();
  checkout = await fixture.checkout();
  checkout.declare(['alpha', 'beta'], fixture.base);
  await succeeded(checkout.pulumi(...up()));
});

afterAll(() => fixture.close());

describe('an alias', () => {
  it('survives a run that went to a wrong registry, and the way back', async () => {
    const right = readFileSync(join(checkout.root, SETTINGS), 'utf8');
    const before = await fixture.digest('alpha', 'latest');
    fixture.gate.forget();
    checkout.write(SETTINGS, right.replace(fixture.gate.address, '127.0.0.1:1'));
    const wrong = await checkout.pulumi(...up());
    expect(wrong.code).not.toBe(0);
    expect(wrong.output).toContain('REGISTRY_UNREACHABLE');
    expect(wrong.output).not.toMatch(/unhandled|processTicksAndRejections/i);
    checkout.write(SETTINGS, right);
    expect((await checkout.pulumi(...up())).code).toBe(0);
    expect(removals()).toEqual([]);
    expect(await fixture.digest('alpha', 'latest')).toBe(before);
  });

  it('stays when its image leaves the catalog', async () => {
    fixture.gate.forget();
    checkout.declare(['alpha'], fixture.base);
    expect((await checkout.pulumi(...up())).code).toBe(0);
    expect(removals()).toEqual([]);
    checkout.declare(['alpha', 'beta'], fixture.base);
    expect((await checkout.pulumi(...up())).code).toBe(0);
    expect(removals()).toEqual([]);
  });
});

describe('a run that targets one image', () => {
  it('says of the other what is published, not what is planned', async () => {
    const old = plannedTags(checkout);
    for (const name of ['alpha', 'beta']) {
      checkout.write(`config/contexts/${name}/content`, `${name}, targeted\n`);
    }
    const planned = plannedTags(checkout);
    const { code, output } = await checkout.pulumi(...up('--target', '**alpha**'));
    expect(code, output).toBe(0);
    const { stdout } = await checkout.pulumi('stack', 'output', 'images', '--json');
    expect(JSON.parse(stdout)).toMatchObject({
      alpha: { tag: planned['alpha'] },
      beta: { tag: old['beta'], digest: await fixture.digest('beta', old['beta'] ?? '') },
    });
    expect((await checkout.pulumi(...up())).code).toBe(0);
    expect(await fixture.digest('beta', planned['beta'] ?? '')).toMatch(/^sha256:/);
  });
});

describe('a preview with --diff', () => {
  it('names the build inputs that an image is built anew for', async () => {
    checkout.write('config/contexts/alpha/content', 'alpha, once more\n');
    const { output } = await checkout.pulumi('preview', '--diff', '--color', 'never');
    expect(output).toMatch(/~ inputs *: \{\s+~ context: "[0-9a-f]{64}" => "[0-9a-f]{64}"\s+\}/);
  });
});

describe('destroy', () => {
  it.each([
    ['that is refused at the registry', [], 1],
    ['of all that is not protected', ['--exclude-protected'], 0],
  ])('%s removes nothing from the registry', async (_kind, options, expected) => {
    fixture.gate.forget();
    const { code } = await checkout.pulumi('destroy', '--yes', '--skip-preview', ...options);
    expect(code).toBe(expected);
    expect(removals()).toEqual([]);
  });
});

function removals(): string[] {
  return fixture.gate.seen.filter((request) => request.startsWith('DELETE'));
}
