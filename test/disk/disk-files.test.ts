import { mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import {
  fileFailure,
  removeAbandoned,
  removeBytes,
  removeLeastUsed,
  requireSpace,
  unfinished,
} from '../../src/disk/disk-files.ts';
import { temporaryFolder } from '../git/temporary-folder.ts';

/** Makes a file or folder look as if it was written to so many minutes ago. */
function age(path: string, minutes: number): void {
  const time = Date.now() / 1000 - minutes * 60;
  utimesSync(path, time, time);
}

test('two runs never write to the same name', () => {
  expect(unfinished('/cache/a')).not.toBe(unfinished('/cache/a'));
});

test('what a killed run left goes after twenty minutes; what others write, and what is whole, stays', async () => {
  const folder = temporaryFolder();
  /** A file, or a folder that is an hour old, with a file that is so many minutes old. */
  const make = (path: string, minutes: number, inside = '') => {
    const file = join(path, inside);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, 'x');
    age(file, minutes);
    for (let at = file; at !== path;) age((at = dirname(at)), 60);
    return basename(path);
  };
  const started = (name: string) => unfinished(join(folder, name));
  make(started('abandoned'), 21);
  make(started('abandoned-folder'), 21, 'result/disk.qcow2');
  const staying = [
    make(started('young'), 19),
    make(started('busy-folder'), 1, 'result/disk.qcow2'),
    make(join(folder, 'whole'), 60),
  ];
  await removeAbandoned(folder);
  expect(readdirSync(folder).toSorted()).toEqual(staying.toSorted());
});

test('what was used longest ago goes first, and what was used just now stays whatever its size', async () => {
  const folder = temporaryFolder();
  const make = (name: string, size: number, minutes: number) => {
    writeFileSync(join(folder, name), 'x'.repeat(size));
    age(join(folder, name), minutes);
  };
  make('oldest', 1, 300);
  make('older', 60, 200);
  make('old', 40, 100);
  make('in use', 60, 5);
  make(basename(unfinished('arriving')), 500, 300);
  await removeLeastUsed(folder, 100);
  expect(readdirSync(folder).toSorted()).toEqual([
    expect.stringMatching(/^arriving/),
    'in use',
    'old',
  ]);
  await removeLeastUsed(folder, 10);
  expect(readdirSync(folder)).toContain('in use');
});

test('where there is no room, the downloads that were used longest ago go first, and no more than must', async () => {
  const folder = temporaryFolder();
  for (const [at, name] of ['in use', 'newer', 'older', 'oldest'].entries()) {
    writeFileSync(join(folder, name), 'x'.repeat(100));
    age(join(folder, name), at * 60);
  }
  const freeSpace = () => Promise.resolve(400 - 100 * readdirSync(folder).length);
  const makeRoom = (bytes: number) => removeBytes(folder, bytes);
  await requireSpace(folder, 150, 'test it', { freeSpace, makeRoom });
  expect(readdirSync(folder).toSorted()).toEqual(['in use', 'newer']);
  const tooMuch = requireSpace(folder, 400, 'test it', { freeSpace, makeRoom });
  await expect(tooMuch).rejects.toMatchObject({ code: 'NO_SPACE' });
  expect(readdirSync(folder)).toEqual(['in use']);
  await expect(requireSpace(folder, 400, 'test it', { freeSpace })).rejects.toThrow('NO_SPACE');
});

test.each([
  ['ENOSPC', 'NO_SPACE', /^make room/],
  ['EACCES', 'NOT_WRITABLE', /^let this user write there/],
  ['EROFS', 'NOT_WRITABLE', /^let this user write there/],
  ['EMFILE', 'NOT_WRITABLE', /ulimit/],
  ['EIO', 'NOT_WRITABLE', /disk has an error/],
  ['ENOTDIR', 'NOT_WRITABLE', /^look at that folder$/],
])('%s of the file system is %s, with the remedy %s', (code, expected, remedy) => {
  const error = Object.assign(new Error(`${code}: write '/a'`), { code, syscall: 'write' });
  expect(fileFailure(error)).toMatchObject({
    code: expected,
    remedy: expect.stringMatching(remedy) as unknown,
  });
});
