import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { writeFolder } from '../../src/cli/write-folder.ts';
import { temporaryFolder } from '../git/temporary-folder.ts';

const page = (text: string) =>
  new Map([
    ['index.html', text],
    ['images/a.html', text],
  ]);

test('an earlier page is replaced as a whole, and nothing is left beside it', () => {
  const root = temporaryFolder();
  const folder = join(root, 'some/site');
  writeFolder(folder, new Map([...page('old'), ['images/gone.html', 'old']]));
  writeFolder(folder, page('new'));
  expect(readFileSync(join(folder, 'index.html'), 'utf8')).toBe('new');
  expect(readdirSync(join(folder, 'images'))).toEqual(['a.html']);
  expect(readdirSync(join(root, 'some'))).toEqual(['site']);
});

test('a link to a folder stays, and the folder has the page', () => {
  const root = temporaryFolder();
  mkdirSync(join(root, 'served'));
  symlinkSync('served', join(root, 'link'));
  writeFolder(join(root, 'link'), page('new'));
  expect(lstatSync(join(root, 'link')).isSymbolicLink()).toBe(true);
  expect(readFileSync(join(root, 'served/index.html'), 'utf8')).toBe('new');
});

test('a link to nothing, and a file, stay as they are, also where the folder would be below it', () => {
  const root = temporaryFolder();
  symlinkSync('nowhere', join(root, 'link'));
  writeFileSync(join(root, 'file'), 'mine');
  for (const name of ['link', 'file', 'file/below']) {
    expect(() => {
      writeFolder(join(root, name), page('new'));
    }).toThrow('NOT_A_PAGE');
  }
  expect(readdirSync(root).toSorted()).toEqual(['file', 'link']);
  expect(readFileSync(join(root, 'file'), 'utf8')).toBe('mine');
});

test('a file that somebody has put into an earlier page keeps all of it', () => {
  const folder = join(temporaryFolder(), 'site');
  writeFolder(folder, page('old'));
  writeFileSync(join(folder, 'images/mine.txt'), '');
  expect(() => {
    writeFolder(folder, page('new'));
  }).toThrow('images/mine.txt');
  expect(readFileSync(join(folder, 'index.html'), 'utf8')).toBe('old');
});

test('what the file system refuses is a problem, and leaves the earlier page', () => {
  const folder = join(temporaryFolder(), 'site');
  writeFolder(folder, page('old'));
  expect(() => {
    writeFolder(folder, new Map([['x'.repeat(300), 'new']]));
  }).toThrow(/FILE_UNWRITABLE[^]*ENAMETOOLONG/);
  expect(readFileSync(join(folder, 'index.html'), 'utf8')).toBe('old');
  expect(readdirSync(join(folder, '..'))).toEqual(['site']);
});
