import { spawnSync } from 'node:child_process';
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { temporaryFolder } from './temporary-folder.ts';
import { workingTree } from '../../src/git/working-tree.ts';
import { parseDockerignore } from '../../src/tag/dockerignore.ts';
import { listContext } from '../../src/tag/list-context.ts';

/** Far down, in 3000 of the 4096 bytes that Linux takes for a path. */
const DEEP = 'd/'.repeat(1500);

const { rules } = parseDockerignore('**/x\n**/*a*b\n!**/y\nd/d/z', '.dockerignore');

/** Made and removed by commands that go down step by step, which is quick and knows no longest path. */
function deepFolder(): string {
  const root = temporaryFolder();
  onTestFinished(() => {
    expect(spawnSync('rm', ['-rf', join(root, 'ctx')]).status).toBe(0);
  });
  expect(spawnSync('mkdir', ['-p', `${root}/ctx/${DEEP}`, `${root}/more/${DEEP}`]).status).toBe(0);
  return root;
}

test('a file 1500 directories down is found quickly, with rules to try on every level', () => {
  const root = deepFolder();
  writeFileSync(`${root}/ctx/${DEEP}file`, '');
  writeFileSync(`${root}/ctx/${DEEP}x`, '');
  const start = performance.now();
  const { files } = listContext('ctx', rules, workingTree(root));
  // A fraction of a second; looking at each directory's parents anew takes more than half a minute.
  expect(performance.now() - start).toBeLessThan(3000);
  expect(files).toEqual([{ path: `${DEEP}file`, kind: 'file' }]);
});

test('a path that is longer than the system can open is a problem, with its beginning', () => {
  const root = deepFolder();
  renameSync(`${root}/more`, `${root}/ctx/${DEEP}more`);
  const { problems } = listContext('ctx', [], workingTree(root));
  expect(problems.map(({ code }) => code)).toEqual(['PATH_TOO_LONG']);
  expect(problems[0]?.file).toMatch(/^ctx\/d\/d\/[/d]*…$/);
});

test('nothing can be at a name that is longer than names are', () => {
  const tree = workingTree(temporaryFolder());
  expect(tree.entry('x'.repeat(256))).toBeUndefined();
  expect(tree.entry(`${'x'.repeat(5000)}/y`)).toBeUndefined();
});
