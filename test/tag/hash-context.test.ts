import fc from 'fast-check';
import { expect, test } from 'vitest';
import { collectProblems, InvalidInputError, type Problem } from '../../src/problem.ts';
import { emptyHashCache, sha256, hashContext } from '../../src/tag/hash-context.ts';
import type { FileTree } from '../../src/file-tree.ts';
import { memoryTree, type MemoryFile } from '../support/memory-tree.ts';

type Files = Readonly<Record<string, MemoryFile>>;

/** Files are given relative to the context; the Dockerfile is added. */
function hashOf(files: Files, image = { context: 'ctx', dockerfile: 'ctx/Dockerfile' }): string {
  const placed = Object.entries(files).map(([path, file]) => [`ctx/${path}`, file] as const);
  const tree = memoryTree({ 'ctx/Dockerfile': 'FROM x', ...Object.fromEntries(placed) });
  return hashContext(image, tree, emptyHashCache());
}

const BEFORE: Files = { 'a.sh': 'x', link: { symlink: 'a.sh' } };

test.each<[string, Files]>([
  ['content', { ...BEFORE, 'a.sh': 'y' }],
  ['the executable bit', { ...BEFORE, 'a.sh': { content: 'x', executable: true } }],
  ["a symlink's target", { ...BEFORE, link: { symlink: './a.sh' } }],
  ['a symlink in place of an equal file', { ...BEFORE, link: 'a.sh' }],
  ['a name', { 'b.sh': 'x', link: { symlink: 'a.sh' } }],
  ['a directory in the path', { 'd/a.sh': 'x', link: { symlink: 'a.sh' } }],
  ['one file more', { ...BEFORE, empty: '' }],
  ['the ignore file', { ...BEFORE, '.dockerignore': '' }],
  ['a file less', { link: { symlink: 'a.sh' } }],
])('in a context counts %s', (_, after) => {
  expect(hashOf(after)).not.toBe(hashOf(BEFORE));
});

const IGNORE = { '.dockerignore': 'tmp\n*.log' };

test.each<[string, before: Files, after: Files]>([
  ["the image's own Dockerfile, a build input of its own", BEFORE, { ...BEFORE, Dockerfile: 'y' }],
  ['an ignored file', IGNORE, { ...IGNORE, 'tmp/x': '1', 'a.log': '2' }],
  ['an ignore file that ignores itself', {}, { '.dockerignore': '.dockerignore' }],
  ['an ignored socket', { '.dockerignore': '*' }, { '.dockerignore': '*', s: { other: true } }],
])('in a context does not count %s', (_, before, after) => {
  expect(hashOf(after)).toBe(hashOf(before));
});

test('the Dockerfile of another image counts', () => {
  const image = { context: 'ctx', dockerfile: 'other/Dockerfile' };
  expect(hashOf({ Dockerfile: 'FROM y' }, image)).not.toBe(hashOf({}, image));
});

test('the path of the context in the checkout does not count', () => {
  const [a, b] = ['a', 'b/c'].map((context) => {
    const files = { [`${context}/Dockerfile`]: '', [`${context}/f`]: 'x' };
    const image = { context, dockerfile: `${context}/Dockerfile` };
    return hashContext(image, memoryTree(files), emptyHashCache());
  });
  expect(a).toBe(b);
});

test('<Dockerfile>.dockerignore wins over .dockerignore, even when it is empty', () => {
  const both = { '.dockerignore': 'a', 'Dockerfile.dockerignore': '' };
  expect(hashOf({ ...both, a: '1' })).not.toBe(hashOf({ ...both, a: '2' }));
});

test('a file that is taken back from an ignored directory counts', () => {
  const rules = { '.dockerignore': 'dir\n!dir/deep/keep' };
  const keep = (content: string): string => hashOf({ ...rules, 'dir/deep/keep': content });
  expect(keep('1')).not.toBe(keep('2'));
});

test('symlinks are hashed, never followed, wherever they lead', () => {
  const files = { out: { symlink: '../../etc/passwd' }, abs: { symlink: '/etc' } };
  expect(hashOf(files)).toMatch(/^[0-9a-f]{64}$/);
});

const SOCKET = { other: true } as const;

test.each<[string, Files, problems: readonly string[]]>([
  ['a socket', { 'run/x.sock': SOCKET }, ['CONTEXT_UNSUPPORTED_FILE run/x.sock']],
  [
    'a repository in the context, with whatever it holds',
    { 'sub/.git/HEAD': '', 'sub/x': SOCKET },
    ['SUBMODULE_IN_CONTEXT sub'],
  ],
  [
    'an ignore file that is no text',
    { '.dockerignore': Buffer.of(0xff) },
    ['DOCKERIGNORE_FILE .dockerignore'],
  ],
  [
    'an ignore file that is a symlink, which hides no socket',
    { '.dockerignore': { symlink: 'x' }, s: SOCKET },
    ['CONTEXT_UNSUPPORTED_FILE s', 'DOCKERIGNORE_FILE .dockerignore'],
  ],
  [
    'a bad pattern, which hides no socket; the rule between bad ones counts',
    { '.dockerignore': '[\nd\n{', s: SOCKET, t: SOCKET, 'd/u': SOCKET },
    [
      'CONTEXT_UNSUPPORTED_FILE s',
      'CONTEXT_UNSUPPORTED_FILE t',
      'DOCKERIGNORE_PATTERN .dockerignore:1',
      'DOCKERIGNORE_PATTERN .dockerignore:3',
    ],
  ],
])('rejected: %s', (_, files, problems) => {
  expect(problemsOf(() => hashOf(files))).toEqual(problems);
});

test('the problems of a tree are reported with the others', () => {
  const link = { symlink: 'x' };
  const files = { 'ctx/a': link, 'ctx/b': link, 'ctx/s': SOCKET, 'ctx/d/x': '' };
  const tree = memoryTree(files);
  const reject = (path: string): never => {
    throw new InvalidInputError([{ code: 'BROKEN', file: path, problem: '', remedy: '' }]);
  };
  const list = (path: string) => (path === 'ctx/d' ? reject(path) : tree.list(path));
  const image = { context: 'ctx', dockerfile: 'ctx/Dockerfile' };
  const broken: FileTree = { ...tree, readLink: reject, list };
  expect(problemsOf(() => hashContext(image, broken, emptyHashCache()))).toEqual([
    'BROKEN a',
    'BROKEN b',
    'BROKEN d',
    'CONTEXT_UNSUPPORTED_FILE s',
  ]);
});

/** Names and contents of the very characters that an encoding might stumble over. */
const token = fc.stringMatching(/^[fxl0-9:/ab]{1,5}$/);
const name = token.map((text) => text.replaceAll('/', '_'));
const file = fc.oneof<fc.Arbitrary<MemoryFile>[]>(
  token,
  token.map((content) => ({ content, executable: true })),
  token.map((symlink) => ({ symlink })),
);
const context = fc.dictionary(name, file, { maxKeys: 3 });

test('no two contexts hash the same, however names and contents are split', () => {
  const property = fc.property(context, context, (a, b) => {
    expect(hashOf(a) === hashOf(b)).toBe(canonical(a) === canonical(b));
  });
  fc.assert(property, { numRuns: 300, examples: [[{ a: 'f1:bb' }, { a: 'f', b: 'b' }]] });
});

test('a name that looks like the end of one file and the start of another is no two files', () => {
  const name = `a${sha256(['x'])}fb`;
  expect(hashOf({ [name]: 'y' })).not.toBe(hashOf({ a: 'x', b: 'y' }));
});

test('the order in which files are found does not matter', () => {
  const property = fc.property(context, (files) => {
    const reversed = Object.fromEntries(Object.entries(files).reverse());
    expect(hashOf(reversed)).toBe(hashOf(files));
  });
  fc.assert(property);
});

function canonical(files: Files): string {
  return JSON.stringify(Object.entries(files).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** `CODE file:line` of each problem, with paths in the context, sorted. */
function problemsOf(run: () => unknown): readonly string[] {
  const problems: Problem[] = [];
  expect(collectProblems(problems, run)).toBeUndefined();
  return problems
    .map(({ code, file, line }) => `${code} ${[file, line].filter((part) => part).join(':')}`)
    .map((text) => text.replace(' ctx/', ' '))
    .toSorted();
}
