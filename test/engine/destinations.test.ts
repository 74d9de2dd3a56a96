import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { startPlainStack, readBranchesOf, type PlainStack } from '../support/plain-stack.ts';
import { REGISTRY_ACCOUNT } from '../support/registry.ts';
import {
  REPOSITORY,
  startDeclaredRegistry,
  type DeclaredRegistry,
} from '../support/declared-registry.ts';
import {
  expectPublished,
  plannedTags,
  previewedSteps,
  succeeded,
} from '../support/engine-output.ts';
import { up } from '../support/test-checkout.ts';

const IMAGES = ['alpha', 'beta'];

/** What a stack has that publishes alone. */
const STEPS = [
  ...IMAGES.map((name) => `create docker:index/image:Image ${name}`),
  ...IMAGES.map((name) => `create kubernetes-ci-images:index:PublishedImage ${name}`),
  'create kubernetes-ci-images:index:SupportedBranches supported-branches',
  ...IMAGES.map((name) => `create oci:index:Publication ${name}`),
  'create oci:index:ReferencedVersions referenced-versions',
  ...IMAGES.map((name) => `create oci:index:Tag ${name}-latest`),
  'create pulumi:providers:oci registry',
  'create pulumi:pulumi:Stack kubernetes-ci-images-sandbox',
];

describe('a plain registry with a password, on a machine without a login to Google and its plug-in', () => {
  let stack: PlainStack;

  beforeAll(async () => {
    stack = await startPlainStack(IMAGES);
    stack.checkout.commit();
  });
  afterAll(() => stack.close());

  it('is previewed as images, and nothing else', async () => {
    expect(await previewedSteps(stack.checkout)).toEqual(STEPS.toSorted());
  });

  it('has images published below its path, and nothing to do the second time', async () => {
    await succeeded(stack.checkout.pulumi(...up()));
    const tags = plannedTags(stack.checkout);
    for (const name of IMAGES) {
      expect(await stack.digest(name, 'latest')).toMatch(/^sha256:/);
      expect(await stack.digest(name, tags[name] ?? '')).toBe(await stack.digest(name, 'latest'));
    }
    await succeeded(stack.checkout.pulumi(...up('--expect-no-changes')));
    const again = ['--refresh', '--run-program', '--expect-no-changes'];
    await succeeded(stack.checkout.pulumi('preview', ...again));
  });

  it('is previewed with an image whose repository the registry hides until it is there', async () => {
    const { checkout, gate } = stack;
    checkout.declare([...IMAGES, 'gamma'], stack.base);
    onTestFinished(() => {
      gate.meet(() => undefined);
      checkout.declare(IMAGES, stack.base);
    });
    const denied = { status: 403, body: '{"errors":[{"code":"DENIED","message":"who are you"}]}' };
    const seen: string[] = [];
    gate.meet((request) => {
      if (!request.includes('/kubespray/gamma/')) return undefined;
      seen.push(request);
      return denied;
    });
    expect(await previewedSteps(checkout)).toEqual([
      'create docker:index/image:Image gamma',
      'create kubernetes-ci-images:index:PublishedImage gamma',
      'create oci:index:Publication gamma',
      'create oci:index:Tag gamma-latest',
      'update oci:index:ReferencedVersions referenced-versions',
    ]);
    const preview = await succeeded(checkout.pulumi('preview', '--non-interactive'));
    expect(preview).toMatch(/takes .*kubespray\/gamma:\S+ for an image that is not published/);
    expect(seen.filter((request) => !/^(?:GET|HEAD) /.test(request))).toEqual([]);
    expect((await checkout.pulumi(...up())).output).toContain('REGISTRY_DENIED');
    gate.meet(() => undefined);
    await succeeded(checkout.pulumi(...up()));
    expect(await stack.digest('gamma', 'latest')).toMatch(/^sha256:/);
  });

  it('has its password in no state, and is named by its address', async () => {
    const state = await stack.checkout.pulumi('stack', 'export', '--show-secrets');
    expect(state.output).not.toContain(REGISTRY_ACCOUNT.password);
    expect(state.output).not.toContain('providers:gcp');
    const { stdout } = await stack.checkout.pulumi('stack', 'output', '--json');
    expect(JSON.parse(stdout)).toMatchObject({
      registry: stack.destination,
      images: { alpha: { repository: 'kubespray/alpha', aliases: ['latest'] } },
    });
  });

  it('has aliases of branches, of which that of a release stays where it is', async () => {
    stack.push('main', { 'tests/a.yml': 'cloud_image: alpha\n' });
    stack.push('release-1.0', { 'tests/a.yml': 'cloud_image: alpha\n' });
    readBranchesOf(stack);
    stack.checkout.commit();
    await succeeded(stack.checkout.pulumi(...up()));
    const pinned = await stack.digest('alpha', 'latest');
    expect(await stack.digest('alpha', 'ci-release-1.0')).toBe(pinned);
    stack.checkout.write('config/contexts/alpha/content', 'newer\n');
    stack.checkout.commit();
    await succeeded(stack.checkout.pulumi(...up()));
    expect(await stack.digest('alpha', 'latest')).not.toBe(pinned);
    expect(await stack.digest('alpha', 'ci-release-1.0')).toBe(pinned);
    expect(await stack.digest('alpha', 'ci-main')).toBe(await stack.digest('alpha', 'latest'));
  });

  it('has a forecast by the times of its publications, and a clean-up that is a dry run', async () => {
    const run = (...args: string[]) => stack.checkout.images(...args, '--stack', 'sandbox');
    const { code, stdout, output } = await run('retention', '--json');
    expect(code, output).toBe(0);
    const { images } = JSON.parse(stdout) as {
      images: { entries: { uploadedAt: string; verdict: string; reasons: { kind: string }[] }[] }[];
    };
    const entries = images.flatMap((image) => image.entries);
    expect(entries.length).toBeGreaterThanOrEqual(3);
    for (const { uploadedAt, verdict, reasons } of entries) {
      expect(Date.now() - Date.parse(uploadedAt)).toBeLessThan(3_600_000);
      expect([verdict, reasons.map(({ kind }) => kind)]).toEqual([
        'keep',
        expect.not.arrayContaining(['unknown']),
      ]);
    }
    const before = await stack.tags('alpha');
    const cleaned = await run('clean-up', '--confirm');
    expect(cleaned.code, cleaned.output).toBe(0);
    expect(cleaned.output).toContain('nothing was deleted: dryRun is true');
    expect(await stack.tags('alpha')).toEqual(before);
  });

  it('has commands that read it, and one that says why it can not', async () => {
    const run = (...args: string[]) => stack.checkout.images(...args, '--stack', 'sandbox');
    expect(await run('plan')).toMatchObject({ code: 0 });
    expect(await run('references')).toMatchObject({ code: 0 });
    const pin = await run(
      'pin',
      'release-1.0',
      'alpha',
      '--to',
      plannedTags(stack.checkout)['alpha'] ?? '',
    );
    expect(pin.code, pin.output).toBe(0);
    const { code, output } = await run('doctor');
    expect([code, output]).toEqual([1, expect.stringMatching(/NO_HOST.*\n.*plain destination/)]);
  });
});

describe('a repository of others, with policies and grants of theirs', () => {
  const POLICY = {
    'delete-all': { action: 'DELETE', condition: { tagState: 'ANY', olderThan: '7776000s' } },
  };
  const BINDINGS = [
    { role: 'roles/artifactregistry.reader', members: ['group:readers@example.com'] },
    { role: 'roles/artifactregistry.writer', members: ['group:writers@example.com'] },
  ];
  let declared: DeclaredRegistry;
  let before: unknown;

  const atGoogle = async () => [
    await declared.read(REPOSITORY),
    await declared.read(`${REPOSITORY}:getIamPolicy`),
    await declared.read('projects/ci-images/services'),
  ];

  beforeAll(async () => {
    declared = await startDeclaredRegistry(IMAGES);
    const [parent = '', id] = REPOSITORY.split(/\/(?=[^/]*$)/);
    await declared.act('POST', `v1/${parent}?repository_id=${id}`, {
      format: 'DOCKER',
      labels: { owner: 'terraform' },
      cleanupPolicies: POLICY,
    });
    await declared.act('POST', `v1/${REPOSITORY}:setIamPolicy`, { policy: { bindings: BINDINGS } });
    const { checkout } = declared;
    checkout.configure({ destination: 'borrowed' });
    checkout.commit();
    before = await atGoogle();
    expect(before).toMatchObject([{ cleanupPolicies: POLICY }, { bindings: BINDINGS }, {}]);
  });
  afterAll(() => declared.close());

  it('is previewed as images, and nothing of Google', async () => {
    expect(await previewedSteps(declared.checkout)).toEqual(STEPS.toSorted());
  });

  it('has images published with nothing asked of Google, and stays as it is', async () => {
    const { checkout, fixture } = declared;
    await fixture.withoutEmulator(() => succeeded(checkout.pulumi(...up())));
    await expectPublished(fixture, checkout);
    await succeeded(checkout.pulumi(...up('--expect-no-changes')));
    const again = ['--refresh', '--run-program', '--expect-no-changes'];
    await succeeded(checkout.pulumi('preview', ...again));
    expect(await atGoogle()).toEqual(before);
  });

  it('heals what a branch needs and the policy of the owners has deleted', async () => {
    const { checkout, fixture } = declared;
    const own = { name: 'ci', aliasPrefix: 'ci-', repository: '.', branches: { default: 'main' } };
    declared.retain({ sources: [{ ...own, references: [{ catalog: 'config/images.yml' }] }] });
    checkout.commit();
    await succeeded(checkout.pulumi(...up()));
    const forecast = await checkout.images('retention', '--stack', 'sandbox');
    expect(forecast.code).toBe(3);
    for (const name of IMAGES) {
      const digest = await fixture.digest(name, 'latest');
      const deletes = `the owners' policy delete-all deletes ${name}@${digest} on`;
      expect(forecast.output).toMatch(new RegExp(`${deletes} [\\d-]{10}, which ci main`));
    }

    await declared.act('PUT', 'emulator/v1/clock', { advance: `${91 * 86_400}s` });
    const cleaned = await declared.act('POST', 'emulator/v1/cleanup', {});
    expect(cleaned).toMatchObject({ repositories: [{ dryRun: false }] });
    for (const tag of ['latest', 'ci-main', plannedTags(checkout)['alpha'] ?? '']) {
      expect(await fixture.digest('alpha', tag)).toBeUndefined();
    }
    await succeeded(checkout.pulumi(...up('--refresh', '--run-program')));
    await expectPublished(fixture, checkout);
    for (const name of IMAGES) {
      expect(await fixture.digest(name, 'ci-main')).toBe(await fixture.digest(name, 'latest'));
    }
    await succeeded(checkout.pulumi(...up('--expect-no-changes')));
    expect(await atGoogle()).toMatchObject([
      { cleanupPolicies: POLICY },
      { bindings: BINDINGS },
      {},
    ]);
  });
});
