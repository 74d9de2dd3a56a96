import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { engineDisplay } from '../../infra/sandbox/engine-display.ts';
import { notesTo } from '../../infra/toolchain/report.ts';
import { hasPendingOperations, waitForEngineLock } from '../../infra/sandbox/engine-state.ts';
import { changedAnything } from '../../infra/sandbox/publish.ts';
import { formatSize, publishedTable } from '../../infra/sandbox/published-images.ts';
import { temporaryFolder } from '../git/temporary-folder.ts';

test.each([
  [{ same: 11 }, false],
  [{ same: 11, read: 3, refresh: 3 }, false],
  [{}, false],
  [{ same: 10, update: 1 }, true],
  [{ create: 1 }, true],
  [{ same: 3, delete: 1 }, true],
])('a run with %j changed something: %s', (changes, changed) => {
  expect(changedAnything({ failed: false, changes })).toBe(changed);
});

const SHOWN_BY_ENGINE = [
  ' +  oci:index:Publication debian-12 created (0.01s)',
  ' +  oci:index:Publication debian-13 created (0.02s)',
  ' +  docker:index:Image debian-12 creating (3s) Step 1/2',
  '.',
  ' +  docker:index:Image debian-13 **creating failed** error: RUN failed',
  ' +  docker:index:Image debian-13 **creating failed** #1 [internal]',
  ' +  docker:index:Image debian-12:linux/amd64 created (91s) sha256:1 size: 741',
  ' +  docker:index:Image debian-13:linux/amd64 created (91s) sha256:1 size: 741',
  ' +  docker:index:Image debian-12:linux/arm64 created (91s) sha256:1 size: 741',
  ' +  oci:index:Tag debian-12-latest created (0.01s)',
  'Diagnostics:',
  '  pulumi:pulumi:Stack (s):',
  '    warning: using pulumi-language-nodejs from $PATH at /here',
  '    warning: disk almost full',
  '  docker:index:Image (debian-13):',
  '    error: RUN failed',
  'Resources:',
  '    + 1 created',
];

test.each([
  [false, ['+  docker:index:Image debian-13 **creating failed**', 'warning: disk almost full']],
  [
    true,
    [
      '+  docker:index:Image debian-13 **creating failed**',
      'pulumi:pulumi:Stack (s):',
      'warning: disk almost full',
      'docker:index:Image (debian-13):',
      'error: RUN failed',
    ],
  ],
])('of what the engine shows, a run that failed (%s) tells what matters', (failed, expected) => {
  const shown: string[] = [];
  let counted = '';
  const display = engineDisplay({
    ...notesTo((line) => shown.push(line.trim())),
    count: (done, total, unit) => (counted = `${done} of ${total} ${unit}`),
  });
  SHOWN_BY_ENGINE.forEach(display.line);
  display.end(failed);
  expect(shown).toEqual(expected);
  expect(counted).toBe('1 of 2 images');
});

test('the table ends with lines that pull exactly what was published', () => {
  const digest = `sha256:${'b'.repeat(64)}`;
  const reference = `127.0.0.1:5000/kubernetes-ci-images/debian-12@${digest}`;
  const row = { name: 'debian-12', reference, tag: 'cafe', aliases: ['latest'], digest, size: 1 };
  const lines = publishedTable([row]).split('\n');
  expect(lines.at(-1)).toBe(`docker pull ${reference}`);
  expect(lines.some((line) => /debian-12.*cafe.*latest.*sha256:bbbbbbbbbbbb .*MB/.test(line))).toBe(
    true,
  );
});

test('sizes are in decimal megabytes', () => {
  expect(formatSize(74_649_999)).toBe('74.6 MB');
  expect(formatSize(undefined)).toBe('unknown');
});

test.each([
  ['of an engine that has ended', JSON.stringify({ pid: 2 ** 30 })],
  ['whose number another program has by now', JSON.stringify({ pid: process.pid })],
  ['that is damaged', '{'],
])("an engine's lock %s does not keep the next run waiting", async (_, text) => {
  const state = temporaryFolder();
  const locks = join(state, '.pulumi/locks/organization/project/sandbox');
  mkdirSync(locks, { recursive: true });
  writeFileSync(join(locks, 'a.json'), text);
  const notes: string[] = [];
  await waitForEngineLock(state, (line) => notes.push(line));
  expect(notes).toEqual([]);
  expect(readdirSync(locks)).toEqual([]);
});

test.each([
  ['no state yet', undefined, false],
  ['a new stack', { latest: null }, false],
  ['a run that ended', { latest: { resources: [] } }, false],
  ['a run that was killed', { latest: { pending_operations: [{ type: 'creating' }] } }, true],
])('%s: pending operations %s', (_, checkpoint, pending) => {
  const state = temporaryFolder();
  const folder = join(state, '.pulumi/stacks/project');
  mkdirSync(folder, { recursive: true });
  const text = JSON.stringify({ version: 3, checkpoint });
  if (checkpoint !== undefined) writeFileSync(join(folder, 'sandbox.json'), text);
  expect(hasPendingOperations(state, 'project', 'sandbox')).toBe(pending);
});

test('a state that was cut off is named, with the way back', () => {
  const state = temporaryFolder();
  const folder = join(state, '.pulumi/stacks/project');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'sandbox.json'), '{"version": 3, "checkpoint": {"lat');
  expect(() => hasPendingOperations(state, 'project', 'sandbox')).toThrow(
    /the state of the stack is damaged: \S+sandbox\.json\n.*\.bak/,
  );
});
