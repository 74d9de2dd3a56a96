import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { stateIn } from '../../infra/sandbox/engine-environment.ts';
import { git } from '../git/git-repository.ts';
import { sharedFolder } from '../git/temporary-folder.ts';
import { plannedTags } from '../support/engine-output.ts';
import { readBranchesOf, startPlainStack, type PlainStack } from '../support/plain-stack.ts';

// Pipelines whose backend is a folder that does not exist yet, each time: a registry, and nothing of Google.

const folder = sharedFolder();
const FILE = 'Pulumi.sandbox.yaml';
let stack: PlainStack;
let runs = 0;

beforeAll(async () => {
  stack = await startPlainStack(['alpha', 'beta'], { code: 'copied' });
  for (const branch of ['main', 'release-1.0']) {
    stack.push(branch, { 'tests/a.yml': 'cloud_image: alpha\n' });
  }
  readBranchesOf(stack);
  const { checkout, destination } = stack;
  // Without a salt: the stack's first run makes one.
  checkout.write(FILE, `config:\n  kubernetes-ci-images:destination: ${destination}\n`);
  checkout.commit();
});
afterAll(() => stack.close());

function run(...command: string[]) {
  runs += 1;
  return stack.checkout.run(process.execPath, command, {
    PULUMI_BACKEND_URL: stateIn(join(folder, String(runs))),
    PULUMI_CONFIG_PASSPHRASE: undefined,
    DOCKER_AUTH_CONFIG: undefined,
  });
}

const pipeline = (name: string, ...more: string[]) =>
  run('infra/pipeline/run-pipeline.ts', name, '--stack', 'sandbox', ...more);

async function expectCurrent(name: string) {
  const tag = plannedTags(stack.checkout)[name] ?? '';
  expect(await stack.digest(name, tag)).toMatch(/^sha256:/);
  expect(await stack.digest(name, 'latest')).toBe(await stack.digest(name, tag));
}

it('publishes one image by its name, and refuses a name that is none before anything starts', async () => {
  const publish = (name: string) => run('src/cli/images.ts', 'publish', name, '--stack', 'sandbox');
  const wrong = await publish('alhpa');
  expect(wrong.code).toBe(1);
  expect(wrong.output).toMatch(/UNKNOWN_IMAGE\n.*did you mean alpha/);
  expect(wrong.output).not.toContain('## publish');
  const ofPipeline = await pipeline('publish', '--image', 'alhpa');
  expect(ofPipeline.code).toBe(1);
  expect(ofPipeline.output).toMatch(/did you mean alpha/);
  const right = await publish('alpha');
  expect(right.code, right.output).toBe(0);
  await expectCurrent('alpha');
  expect(await stack.digest('alpha', 'ci-main')).toBe(await stack.digest('alpha', 'latest'));
  expect(await stack.tags('beta')).toEqual([]);
});

it('publishes all, and leaves the settings as they are in git', async () => {
  const { code, output } = await pipeline('publish');
  expect(code, output).toBe(0);
  await expectCurrent('alpha');
  await expectCurrent('beta');
  expect(readFileSync(join(stack.checkout.root, FILE), 'utf8')).not.toContain('salt');
  expect(git(stack.checkout.root, ['status', '--porcelain', '--untracked-files=no'])).toBe('');
});

it('previews what is published as nothing to build', async () => {
  const { output } = await pipeline('preview');
  expect(output).toMatch(/✓ preview/);
  expect(output).toMatch(/✓ check the preview/);
  expect(output).toContain('| `alpha` | is there already |');
});

it('says that it can see no drift, and does all else of a refresh', async () => {
  const drift = await pipeline('drift');
  expect([drift.code, drift.output]).toEqual([0, expect.stringContaining('no state')]);
  const { output } = await pipeline('refresh', '--host', 'gitlab');
  expect(output).not.toContain('## look for drift');
  expect(output).toMatch(/✓ publish, and put right/);
  expect(output).toMatch(/✓ look again/);
});
