import { mkdirSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readRecord, writeRecord } from '../../infra/sandbox/sandbox-record.ts';
import { sandboxAt } from '../../infra/sandbox/sandbox.ts';
import { RECORD } from './some-record.ts';
import { temporaryFolder } from '../git/temporary-folder.ts';

test('a record is read back as it was written; before the first start there is none', () => {
  const sandbox = sandboxAt(temporaryFolder());
  expect(readRecord(sandbox)).toBeUndefined();
  writeRecord(sandbox, RECORD);
  expect(readRecord(sandbox)).toEqual(RECORD);
});

test.each([
  ['of an earlier version', JSON.stringify({ ...RECORD, plugins: undefined })],
  ['that is damaged', '{'],
])('a record %s needs npm start', (_, text) => {
  const sandbox = sandboxAt(temporaryFolder());
  mkdirSync(sandbox.folder);
  writeFileSync(sandbox.recordFile, text);
  expect(() => readRecord(sandbox)).toThrow(/npm start/);
});
