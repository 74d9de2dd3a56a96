import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test, vi } from 'vitest';
import { temporaryFolder } from '../git/temporary-folder.ts';
import { CATALOG, repository, RETENTION } from './checkout-fixture.ts';
import { printedBy } from './printed-by.ts';
import { git } from '../git/git-repository.ts';

/** What an option, a shell or one of git's remote helpers would write. */
const PLANTED = 'planted';

/** Where one of these is taken for more than a name, a file appears. */
const HOSTILE = [
  `--upload-pack=touch ${PLANTED}`,
  `--output=${PLANTED}`,
  `ext::sh -c touch% ${PLANTED}`,
  `ssh://-oProxyCommand=touch ${PLANTED}/x`,
  `$(touch ${PLANTED})`,
  `x\n--output=${PLANTED}`,
];

const inSource = (more: object) => ({ sources: source(more), args: ['references'] });
const inArgs = (...args: string[]) => ({ args, sources: [] });

/** Places that git gets words from: a retention file's source, or the command line. */
const PLACES: Readonly<Record<string, (word: string) => { sources: object; args: string[] }>> = {
  'the repository of a source': (repository) => inSource({ repository }),
  'a branch of a source': (branch) => inSource({ branches: { only: [branch] } }),
  'the default branch of a source': (branch) => inSource({ branches: { default: branch } }),
  'the pattern of release branches': (releases) =>
    inSource({ branches: { default: 'main', releases, newest: 1 } }),
  'a revision to compare with': (word) => inArgs('plan', `--against=${word}`),
  'the branch to propose for': (word) => inArgs('propose', `--branch=${word}`, '--host=gitlab'),
  'the remote to propose to': (word) =>
    inArgs('propose', `--remote=${word}`, '--branch=main', '--host=gitlab'),
};

// Repositories that are fetched are kept in it.
beforeEach(() => {
  vi.stubEnv('XDG_CACHE_HOME', temporaryFolder());
});

test.each(Object.entries(PLACES))('%s is never an option or a command', async (_, place) => {
  for (const word of HOSTILE) {
    const { sources, args } = place(word);
    const root = stale(sources);
    const { status, stderr } = await printedBy(root, ...args);
    expect(status, word).not.toBe(0);
    expect(stderr, word).toMatch(/\b[A-Z]+(?:_[A-Z]+)+\b|^error: option/m);
    expectNothingPlanted(root);
  }
});

test('nor is the name of a branch that somebody else has made', async () => {
  const other = stale();
  // All that git takes in a name of a branch.
  const branch = `release-1--upload-pack=$(touch\${IFS}${PLANTED});touch\${IFS}${PLANTED}`;
  git(other, ['branch', branch]);
  const branches = { only: [branch] };
  const root = stale(source({ repository: `file://${other}`, branches }));
  const { stdout, stderr } = await printedBy(root, 'references');
  expect(stdout, stderr).toContain('release-1--upload-pack---touch');
  for (const each of [root, other]) expectNothingPlanted(each);
});

function source(more: object): object {
  const references = [{ catalog: 'config/images.yml' }];
  return [{ name: 'own', repository: '.', branches: { only: ['main'] }, references, ...more }];
}

/** A repository with an origin and these sources. */
function stale(sources: object = []): string {
  const root = repository({
    'config/retention.yml': RETENTION.replace('sources: []', `sources: ${JSON.stringify(sources)}`),
  });
  git(root, ['remote', 'add', 'origin', root]);
  // As a refresh leaves it: there is something to propose.
  writeFileSync(join(root, 'config/images.yml'), CATALOG.replace(/a{64}/, 'b'.repeat(64)));
  return root;
}

function expectNothingPlanted(root: string): void {
  for (const folder of [root, process.cwd()]) {
    expect(readdirSync(folder).filter((name) => name.includes(PLANTED))).toEqual([]);
  }
}
