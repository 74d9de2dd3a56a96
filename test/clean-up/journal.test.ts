import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openJournal, readJournal } from '../../src/clean-up/journal.ts';
import { temporaryFolder } from '../git/temporary-folder.ts';

const LINE = JSON.stringify({
  event: 'inventory',
  at: '2026-12-01T00:00:00Z',
  registry: 'r',
  publications: { alpha: 3 },
});

test('a journal is made with its folder, and a line that was cut stands for nothing', () => {
  const file = join(temporaryFolder(), 'a/b/journal.jsonl');
  expect(readJournal(file, 'r')).toEqual({ unfinished: [], publications: {} });
  openJournal(file, () => undefined).close();
  writeFileSync(file, `${LINE}\n${LINE.slice(0, 30)}`);
  expect(readJournal(file, 'r').publications).toEqual({ alpha: 3 });
});

test('what an interrupted run has deleted is not missed by the next', () => {
  const file = join(temporaryFolder(), 'journal');
  const { write, close } = openJournal(file, () => undefined);
  const place = { at: '2026-12-01T00:00:00Z', registry: 'r', image: 'alpha' };
  const digest = `sha256:${'1'.repeat(64)}`;
  const why = { tags: ['v1'], publishedAt: null, reason: 'expired', branches: {} };
  write({ event: 'inventory', at: place.at, registry: 'r', publications: { alpha: 3, beta: 1 } });
  write({ event: 'delete', ...place, digest, role: 'publication', ...why });
  expect(readJournal(file, 'r').publications).toEqual({ alpha: 3, beta: 1 });
  write({ event: 'deleted', ...place, digest });
  write({ event: 'delete', ...place, digest, role: 'member', ...why });
  write({ event: 'deleted', ...place, digest });
  expect(readJournal(file, 'r').publications).toEqual({ alpha: 2, beta: 1 });
  close();
});

test('a file of anything else is no journal, and stays as it is', () => {
  const file = join(temporaryFolder(), 'README.md');
  writeFileSync(file, `${LINE}\n# Title\n`);
  expect(() => readJournal(file, 'r')).toThrow(/JOURNAL_UNREADABLE[^]*README.md:2 is no line/);
  expect(readFileSync(file, 'utf8')).toBe(`${LINE}\n# Title\n`);
});

test('a place that no file can have is named with the reason', () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'folder'));
  writeFileSync(join(folder, 'file'), '');
  expect(() => readJournal(join(folder, 'folder'), 'r')).toThrow(/folder can't be read: EISDIR/);
  expect(() => readJournal(join(folder, 'file/x'), 'r')).toThrow(/x can't be read: ENOTDIR/);
  writeFileSync(join(folder, 'locked'), '');
  const below = join(folder, 'locked', 'x', 'journal');
  expect(() => openJournal(below, () => undefined)).toThrow(/JOURNAL_UN[^]*ENOTDIR[^]*--journal/);
});

test('a journal that can be written no longer is named with the reason', () => {
  const { write, close } = openJournal(join(temporaryFolder(), 'journal'), () => undefined);
  close();
  const entry = { event: 'inventory', at: '', registry: 'r', publications: {} } as const;
  expect(() => {
    write(entry);
  }).toThrow(/JOURNAL_UNWRITABLE[^]*journal can't be written: EBADF/);
});
