import { RE2JS } from 're2js';
import { expect, test } from 'vitest';
import { parseSources } from '../../src/branches/parse-sources.ts';
import { readerKey } from '../../src/branches/source.ts';
import { someSource } from './some-source.ts';

const DEFAULTS = { image: '${image}', optional: false, ignore: [] };

test('a source is read with its defaults and its pattern', () => {
  const branches = { default: 'main', releases: 'release-*', newest: 3, except: ['release-231'] };
  const files = ['tests/files/*.yml'];
  const references = [
    { catalog: 'config/images.yml' },
    { files, pattern: '(?<image>\\w+)' },
    { files: [{ glob: 'a', optional: true }], yaml: { key: 'image' } },
  ];
  expect(someSource('../x', { name: 'some-name', branches, references })).toEqual({
    name: 'some-name',
    repository: '../x',
    branches: {
      default: 'main',
      releases: { glob: 'release-*', newest: 3, except: ['release-231'], accept: [] },
    },
    pins: [],
    accept: [],
    references: [
      { catalog: 'config/images.yml' },
      {
        ...DEFAULTS,
        files: [{ glob: 'tests/files/*.yml', optional: false }],
        pattern: expect.any(RE2JS) as unknown,
      },
      { ...DEFAULTS, files: [{ glob: 'a', optional: true }], key: 'image' },
    ],
  });
});

test('the key of a reader is the one under which earlier runs kept what it found', () => {
  const references = [{ files: ['b', 'a/*'], pattern: 'x/y: (?<image>\\w+)' }];
  const [reader] = someSource('.', { references }).references;
  expect(reader && readerKey(reader)).toBe('a/*, b by x\\/y: (?<image>\\w+)');
});

test('branches that are listed are those and no others', () => {
  const only = ['main', 'release-2.31'];
  expect(someSource('.', { branches: { only } }).branches).toEqual({ only });
});

test.each([
  '.',
  '../kubespray',
  '/srv/kubespray',
  'C/x',
  'https://git.example/x.git',
  'https://git.example:8443/x@y',
  'ssh://git@git.example/x',
  'git@git.example:x/y.git',
  'file:///srv/x',
])('%s is where a repository may be', (repository) => {
  expect(someSource(repository).repository).toBe(repository);
});

test('any value gets its problems explained', () => {
  const wrong = [null, 7, 'x', [], {}, { branches: 7, references: {} }, { references: [null, 7] }];
  for (const value of wrong) {
    const { sources, problems } = parseSources([value], { scalarAt: () => undefined });
    expect(sources).toEqual([]);
    expect(problems.length).toBeGreaterThan(0);
    for (const { problem, remedy } of problems) {
      expect(`${problem} ${remedy}`).not.toMatch(/undefined|\[object/);
    }
  }
});
