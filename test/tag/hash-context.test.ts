import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InvalidInputError } from '../../src/problem.ts';
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

describe('what counts in a context', () => {
  test.each<[string, Files]>([
    ['content', { ...BEFORE, 'a.sh': 'y' }],
    ['the executable bit', { ...BEFORE, 'a.sh': { content: 'x', executable: true } }],
    ["a symlink's target", { ...BEFORE, link: { symlink: './a.sh' } }],
    ['a symlink in place of an equal file', { ...BEFORE, link: 'a.sh' }],
    ['a name', { 'b.sh': 'x', link: { symlink: 'a.sh' } }],
    ['a directory in the path', { 'd/a.sh': 'x', link: { symlink: 'a.sh' } }],
    ['one file more', { ...BEFORE, empty: '' }],
    ['the ignore file', { ...BEFORE, '.dockerignore': '' }],
    ['an ignored file', { link: { symlink: 'a.sh' } }],
  ])('%s', (_, after) => {
    expect(hashOf(after)).not.toBe(hashOf(BEFORE));
  });
});

describe('what does not count in a context', () => {
  test("the image's own Dockerfile, which is a build input of its own", () => {
    expect(hashOf({ ...BEFORE, Dockerfile: 'FROM y' })).toBe(hashOf(BEFORE));
  });

  test("another image's Dockerfile does count", () => {
    const image = { context: 'ctx', dockerfile: 'other/Dockerfile' };
    expect(hashOf({ Dockerfile: 'FROM y' }, image)).not.toBe(hashOf({}, image));
  });

  test('ignored files', () => {
    const rules = { '.dockerignore': 'tmp\n*.log' };
    expect(hashOf({ ...rules, 'tmp/x': '1', 'a.log': '2' })).toBe(hashOf(rules));
  });

  test('an ignore file that ignores itself', () => {
    expect(hashOf({ '.dockerignore': '.dockerignore' })).toBe(hashOf({}));
  });

  test('where the context is in the checkout', () => {
    const [a, b] = ['a', 'b/c'].map((context) => {
      const files = { [`${context}/Dockerfile`]: '', [`${context}/f`]: 'x' };
      const image = { context, dockerfile: `${context}/Dockerfile` };
      return hashContext(image, memoryTree(files), emptyHashCache());
    });
    expect(a).toBe(b);
  });
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

test.each<[string, string, Files]>([
  ['a socket', 'CONTEXT_UNSUPPORTED_FILE', { 'run/x.sock': { other: true } }],
  ['a symlink as ignore file', 'DOCKERIGNORE_FILE', { '.dockerignore': { symlink: 'x' } }],
  ['an ignore file that is no text', 'DOCKERIGNORE_FILE', { '.dockerignore': Buffer.of(0xff) }],
  ['a bad pattern', 'DOCKERIGNORE_PATTERN', { '.dockerignore': '[' }],
])('refused: %s', (_, code, files) => {
  const place = `ctx/${Object.keys(files).join()}`;
  const error = catchError(() => hashOf(files));
  expect(error).toBeInstanceOf(InvalidInputError);
  expect(error).toMatchObject({ problems: [{ code, file: place }] });
});

test('a bad pattern hides no file that is refused, nor the other way round', () => {
  const refused = { s: { other: true }, t: { other: true }, 'd/u': { other: true } } as const;
  const error = catchError(() => hashOf({ '.dockerignore': '[\nd\n{', ...refused }));
  // The sound rule between the bad ones still ignores d/u.
  const places = ['.dockerignore:1', '.dockerignore:3', 's', 't'].map((place) => `ctx/${place}`);
  expect(placesOf(error)).toEqual(places);
});

test('an ignore file that can not be used hides no file that is refused', () => {
  const error = catchError(() => hashOf({ '.dockerignore': { symlink: 'x' }, s: { other: true } }));
  expect(placesOf(error)).toEqual(['ctx/.dockerignore', 'ctx/s']);
});

test('whatever a tree refuses is reported with the rest', () => {
  const files = { 'ctx/Dockerfile': '', 'ctx/a': { symlink: 'x' }, 'ctx/b': { symlink: 'x' } };
  const tree: FileTree = {
    ...memoryTree({ ...files, 'ctx/s': { other: true }, 'ctx/d/x': '' }),
    readLink: (place) => refuse(place),
  };
  const list = (place: string): readonly string[] =>
    place === 'ctx/d' ? refuse(place) : tree.list(place);
  const image = { context: 'ctx', dockerfile: 'ctx/Dockerfile' };
  const error = catchError(() => hashContext(image, { ...tree, list }, emptyHashCache()));
  expect(placesOf(error)).toEqual(['ctx/a', 'ctx/b', 'ctx/d', 'ctx/s']);
});

test('a socket that is ignored is no problem', () => {
  expect(hashOf({ '.dockerignore': '*', s: { other: true } })).toBe(
    hashOf({ '.dockerignore': '*' }),
  );
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

function refuse(file: string): never {
  throw new InvalidInputError([{ code: 'REFUSED', file, path: '', problem: '', remedy: '' }]);
}

/** `file:line` of each problem, sorted. */
function placesOf(error: unknown): readonly string[] {
  if (!(error instanceof InvalidInputError)) throw error;
  return error.problems
    .map(({ file, line }) => (line === undefined ? file : `${file}:${line}`))
    .toSorted();
}

function catchError(run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    return error;
  }
}
