import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { expect, test } from 'vitest';
import {
  commitOf,
  pushCheckout,
  pullCatalog,
} from '../../../../infra/sandbox/emulators/gitlab/project-repository.ts';
import { sandboxAt } from '../../../../infra/sandbox/sandbox.ts';
import { temporaryFolder } from '../../temporary-folder.ts';

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

test('the checkout gets the catalog that a pipeline committed', async () => {
  expect(await pulled({ before: 'old\n', after: 'new\n', mine: 'old\n' })).toEqual([true, 'new\n']);
});

test('a catalog that somebody changed meanwhile is not overwritten', async () => {
  expect(await pulled({ before: 'old\n', after: 'old\n', mine: 'own\n' })).toEqual([true, 'own\n']);
  expect(await pulled({ before: 'old\n', after: 'new\n', mine: 'own\n' })).toEqual([
    false,
    'own\n',
  ]);
});
