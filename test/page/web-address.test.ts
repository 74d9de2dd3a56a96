import { expect, test } from 'vitest';
import { pagePlaces } from '../../src/page/web-address.ts';

const COMMIT = 'c'.repeat(40);
const BRANCH = { source: 'ci', commit: COMMIT };
const LINE = { file: 'a/b.yml', line: 3 };

const placesOf = (repository: string, hosts = {}) =>
  pagePlaces([{ name: 'ci', repository }], { source: '', revision: '' }, hosts);

test.each([
  ['https://github.com/o/r.git', `https://github.com/o/r/blob/${COMMIT}/a/b.yml#L3`],
  ['https://user:pass@gitlab.com/o/r/', `https://gitlab.com/o/r/-/blob/${COMMIT}/a/b.yml#L3`],
  [
    'https://gitlab.example.com:8443/o/r',
    `https://gitlab.example.com:8443/o/r/-/blob/${COMMIT}/a/b.yml#L3`,
  ],
  ['https://code.example.com/o/r?x=1#y', undefined],
  ['https://code.internal/o/r', undefined],
])('a line in %s is at %s', (repository, url) => {
  expect(placesOf(repository).ofBranch(BRANCH, LINE)).toEqual({ ...LINE, url });
});

test.each([
  'http://github.com/o/r',
  'git@github.com:o/r.git',
  'ssh://git@github.com/o/r',
  '../clone',
  '/srv/gitlab/clone',
  'https://10.0.0.7/o/r',
  'https://[fd00::1]/o/r',
  'https://gitlab/o/r',
  'https://gitlab.local/o/r',
  'https://gitlab.internal./o/r',
])('%s has no address', (repository) => {
  const places = placesOf(repository);
  expect(places.repositoryOf(BRANCH)).toBeUndefined();
  expect(places.ofBranch(BRANCH, LINE)).toEqual(LINE);
});

test('the address of a repository has no account, also where its lines have none', () => {
  const places = placesOf('https://token@code.example.com/o/r.git');
  expect(places.repositoryOf(BRANCH)).toBe('https://code.example.com/o/r');
});

test('the host of the pipeline is what the pipeline says', () => {
  const { ofBranch } = placesOf('https://code.example.com/o/r', { 'code.example.com': 'gitlab' });
  expect(ofBranch(BRANCH, LINE).url).toContain('/-/blob/');
});

test('a line of this checkout is that of its commit, and has no address where there is none', () => {
  const source = 'https://github.com/o/r';
  const sources = [{ name: 'ci', repository: '.' }];
  const clean = pagePlaces(sources, { source, revision: COMMIT });
  expect(clean.ofCheckout(LINE).url).toBe(`${source}/blob/${COMMIT}/a/b.yml#L3`);
  const changed = pagePlaces(sources, { source, revision: '' });
  expect(changed.ofCheckout(LINE).url).toBeUndefined();
  // A branch is read at its own commit.
  expect(changed.ofBranch(BRANCH, LINE).url).toBe(`${source}/blob/${COMMIT}/a/b.yml#L3`);
});
