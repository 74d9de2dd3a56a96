import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import {
  commitOf,
  pullCatalog,
  pushCheckout,
  readFromProject,
} from '../../../../infra/sandbox/emulators/gitlab/project-repository.ts';
import { sandboxAt } from '../../../../infra/sandbox/sandbox.ts';
import { git } from '../../../git/git-repository.ts';
import { temporaryFolder } from '../../../git/temporary-folder.ts';

function someCheckout() {
  const root = temporaryFolder();
  const write = (path: string, text: string) => {
    mkdirSync(join(root, path, '..'), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  write('.gitignore', '.sandbox/\nnode_modules\nPulumi.sandbox.yaml\n');
  write('config/images.yml', 'images: []\n');
  write('node_modules/some/index.js', '');
  write('Pulumi.sandbox.yaml', 'config: {}\n');
  write('.sandbox/images.yml', 'images: []\n');
  write('.sandbox/state/secret.json', '{}\n');
  return { root, write, sandbox: sandboxAt(root) };
}

test("main is the checkout with the sandbox's settings and catalog, and nothing else that is ignored", async () => {
  const { sandbox } = someCheckout();
  expect(await pushCheckout(sandbox)).toBe(true);
  expect(git(sandbox.project, ['ls-tree', '-r', '--name-only', 'main']).split('\n')).toEqual([
    '.gitignore',
    '.sandbox/images.yml',
    'Pulumi.sandbox.yaml',
    'config/images.yml',
  ]);
});

test('the same checkout is no other commit; a change is one more, as is a file that is gone', async () => {
  const { root, write, sandbox } = someCheckout();
  await pushCheckout(sandbox);
  const first = await commitOf(sandbox.project, 'main');
  expect(await pushCheckout(sandbox)).toBe(false);
  write('README.md', 'new\n');
  rmSync(join(root, 'config/images.yml'));
  expect(await pushCheckout(sandbox)).toBe(true);
  expect(git(sandbox.project, ['rev-parse', 'main^'])).toBe(first);
  expect(await readFromProject(sandbox.project, 'main', 'README.md')).toBe('new\n');
  expect(await readFromProject(sandbox.project, 'main', 'config/images.yml')).toBeUndefined();
});

test('a checkout that is a git repository is neither committed to nor taken from', async () => {
  const { root, sandbox } = someCheckout();
  git(root, ['init', '--quiet']);
  git(root, ['commit', '--quiet', '--allow-empty', '-m', 'its own']);
  const before = git(root, ['status', '--porcelain']);
  await pushCheckout(sandbox);
  expect(git(root, ['status', '--porcelain'])).toBe(before);
  expect(git(root, ['log', '--format=%s'])).toBe('its own');
});

test('branches that a pipeline pushed stay, and there is no commit of one that is not there', async () => {
  const { write, sandbox } = someCheckout();
  await pushCheckout(sandbox);
  const { project } = sandbox;
  git(project, ['branch', 'images-refresh', 'main']);
  const before = await commitOf(project, 'images-refresh');
  write('README.md', 'new\n');
  await pushCheckout(sandbox);
  expect(await commitOf(project, 'images-refresh')).toBe(before);
  expect(await commitOf(project, 'no-such')).toBeUndefined();
});

/** A checkout with the catalog `mine`; `main` went from `before` to `after` while a pipeline ran. */
async function pulled({ before = '', after = '', mine = '' }) {
  const sandbox = sandboxAt(temporaryFolder());
  const { catalogFile, stackFile, project } = sandbox;
  mkdirSync(dirname(catalogFile), { recursive: true });
  writeFileSync(stackFile, 'config: {}\n');
  writeFileSync(catalogFile, before);
  await pushCheckout(sandbox);
  const since = (await commitOf(project, 'main')) ?? '';
  writeFileSync(catalogFile, after);
  await pushCheckout(sandbox);
  writeFileSync(catalogFile, mine);
  const wasPulled = await pullCatalog(sandbox, since);
  return [wasPulled, readFileSync(catalogFile, 'utf8')];
}

test.each([
  ['is pulled', { before: 'old', after: 'new', mine: 'old' }, [true, 'new']],
  ['of a user stays', { before: 'old', after: 'old', mine: 'own' }, [true, 'own']],
  ['that both changed stays', { before: 'old', after: 'new', mine: 'own' }, [false, 'own']],
])('after a pipeline, a catalog %s', async (_, contents, outcome) => {
  expect(await pulled(contents)).toEqual(outcome);
});
