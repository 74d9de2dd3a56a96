import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { stateIn } from '../../infra/sandbox/engine-environment.ts';
import { publishSteps } from '../../infra/pipeline/steps.ts';
import { PUBLISH_ONLY } from '../../src/plan/publish-only.ts';
import {
  expectPlainFailure,
  expectPublished,
  plannedTags,
  succeeded,
} from '../support/engine-output.ts';
import { REPOSITORY } from '../support/declared-registry.ts';
import { startPublishingFixture } from '../support/publishing-fixture.ts';
import { readBranchesOf, startPlainStack, type PlainStack } from '../support/plain-stack.ts';
import { up } from '../support/test-checkout.ts';
import { sharedFolder } from '../git/temporary-folder.ts';

const folder = sharedFolder();
let stack: PlainStack;

// `al` is a part of the name of `alpha`, and `alpha-latest` is the name of an alias' resource.
const IMAGES = ['al', 'alpha', 'alpha-latest'];

beforeAll(async () => {
  stack = await startPlainStack(IMAGES);
  for (const branch of ['main', 'release-1.0']) {
    stack.push(branch, { 'tests/a.yml': 'cloud_image: alpha\ncloud_image: al\n' });
  }
  readBranchesOf(stack);
  stack.checkout.commit();
});
afterAll(() => stack.close());

function publish(image: string, more?: NodeJS.ProcessEnv, checkout = stack.checkout) {
  const isEmpty = more !== undefined;
  const [step] = publishSteps({ stack: 'sandbox', image, isEmpty }, process.execPath);
  const { command = '', args = [], variables } = step ?? {};
  return succeeded(checkout.run(command, args, { ...variables, ...more }));
}

const change = (name: string) => {
  stack.checkout.write(`config/contexts/${name}/content`, `${name}, newer\n`);
};

async function stateOf() {
  const { stdout } = await stack.checkout.pulumi('stack', 'export');
  return JSON.parse(stdout) as { deployment: { resources?: { urn: string }[] } };
}

it('publishes one image with its aliases where there is no state, and nothing of another', async () => {
  const state = join(folder, 'empty');
  mkdirSync(state);
  const backend = { PULUMI_BACKEND_URL: stateIn(state) };
  await succeeded(stack.checkout.run('pulumi', ['stack', 'init', 'sandbox'], backend));
  await publish('alpha', backend);
  const { alpha = '' } = plannedTags(stack.checkout);
  const published = await stack.digest('alpha', alpha);
  expect(published).toMatch(/^sha256:/);
  for (const alias of ['latest', 'ci-main', 'ci-release-1.0']) {
    expect(await stack.digest('alpha', alias), alias).toBe(published);
  }
  expect(await stack.tags('al')).toEqual([]);
  expect(await stack.tags('alpha-latest')).toEqual([]);
});

it('leaves all else of a stack as it is, in the registry, the state and the outputs', async () => {
  await succeeded(stack.checkout.pulumi(...up()));
  await publish('al');
  await succeeded(stack.checkout.pulumi(...up('--expect-no-changes')));
  const before = await stateOf();
  const others = ['al', 'alpha-latest'];
  const tagsBefore = await Promise.all(others.map((name) => stack.tags(name)));
  const pinned = await stack.digest('alpha', 'ci-release-1.0');
  for (const name of IMAGES) change(name);
  stack.checkout.commit();
  await publish('alpha');
  const { alpha = '' } = plannedTags(stack.checkout);
  expect(await stack.digest('alpha', 'latest')).toBe(await stack.digest('alpha', alpha));
  expect(await stack.digest('alpha', 'ci-main')).toBe(await stack.digest('alpha', alpha));
  expect(await stack.digest('alpha', 'ci-release-1.0')).toBe(pinned);
  expect(await Promise.all(others.map((name) => stack.tags(name)))).toEqual(tagsBefore);

  const after = await stateOf();
  const urns = ({ deployment: { resources = [] } }: typeof before) =>
    resources
      .map(({ urn }) => urn)
      .filter((urn) => !urn.includes('::pulumi:providers:pulumi::'))
      .sort();
  expect(urns(after)).toEqual(urns(before));
  const { stdout } = await stack.checkout.pulumi('stack', 'output', '--json');
  expect(JSON.parse(stdout)).toMatchObject({
    registry: stack.destination,
    images: { al: { aliases: ['latest'] }, alpha: { tag: alpha }, 'alpha-latest': {} },
  });
  await succeeded(stack.checkout.pulumi(...up()));
  for (const name of IMAGES) {
    const tag = plannedTags(stack.checkout)[name] ?? '';
    expect(await stack.digest(name, 'latest')).toBe(await stack.digest(name, tag));
  }
  await succeeded(stack.checkout.pulumi(...up('--expect-no-changes')));
});

it('does not begin without targets, which would lose all other images', async () => {
  const before = await stateOf();
  for (const command of [['preview'], up()]) {
    const run = await stack.checkout.run('pulumi', command, { [PUBLISH_ONLY]: 'alpha' });
    expectPlainFailure(run, /PUBLISH_WITHOUT_TARGETS/, /npm run -s images -- publish alpha/);
  }
  expect((await stateOf()).deployment.resources).toEqual(before.deployment.resources);
});

it('publishes one image to a repository of the stack, which stays as it is', async () => {
  const fixture = await startPublishingFixture();
  onTestFinished(() => fixture.close());
  const checkout = await fixture.checkout();
  checkout.declare(['alpha', 'beta'], fixture.base);
  checkout.commit();
  await succeeded(checkout.pulumi(...up()));
  const { body } = await fixture.call('GET', `v1/${REPOSITORY}`);
  await publish('alpha', undefined, checkout);
  await succeeded(checkout.pulumi(...up('--expect-no-changes')));
  for (const name of ['alpha', 'beta'])
    checkout.write(`config/contexts/${name}/content`, 'newer\n');
  checkout.commit();
  const beta = await fixture.digest('beta', 'latest');
  await publish('alpha', undefined, checkout);
  await expectPublished(fixture, checkout, ['alpha']);
  expect(await fixture.digest('beta', 'latest')).toBe(beta);
  expect((await fixture.call('GET', `v1/${REPOSITORY}`)).body).toEqual(body);

  // Another destination would have it deleted.
  checkout.configure({ destination: 'borrowed' });
  for (const command of [['preview'], up()]) {
    const run = await checkout.pulumi(...command);
    expectPlainFailure(run, /sandbox still has a repository/, /don't unprotect it/);
    expect(run.output).not.toMatch(/pulumi state unprotect|protect` flag/);
  }
  expect((await fixture.call('GET', `v1/${REPOSITORY}`)).body).toEqual(body);
});
