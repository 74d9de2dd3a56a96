import { spawnSync } from 'node:child_process';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { temporaryFolder } from './temporary-folder.ts';
import { workingTree } from '../../src/git/working-tree.ts';
import { NO_RULES, parseDockerignore } from '../../src/tag/dockerignore.ts';
import { listContext } from '../../src/tag/list-context.ts';

/** A folder that is removed step by step: Node removes none that is deeper than a path is long. */
function deepFolder(): string {
  const root = temporaryFolder();
  onTestFinished(() => {
    expect(spawnSync('rm', ['-rf', `${root}/ctx`]).status).toBe(0);
  });
  return root;
}

test('a file 1000 directories down is found quickly, with rules to try on every level', () => {
  const root = deepFolder();
  const deep = 'd/'.repeat(1000);
  expect(spawnSync('mkdir', ['-p', `${root}/ctx/${deep}`]).status).toBe(0);
  writeFileSync(`${root}/ctx/${deep}file`, '');
  writeFileSync(`${root}/ctx/${deep}x`, '');
  const { rules } = parseDockerignore('**/x\n**/*a*b\nd/d/z\n!d/d/z', '.dockerignore');
  const start = process.threadCpuUsage();
  const { files } = listContext('ctx', rules, workingTree(root));
  const { user, system } = process.threadCpuUsage(start);
  // A fraction of a second; looking at each directory's parents anew takes many.
  expect((user + system) / 1000).toBeLessThan(5000);
  expect(files).toEqual([{ path: `${deep}file`, kind: 'file' }]);
});

test('a path that is longer than the system can open is a problem, with its beginning', () => {
  const root = deepFolder();
  // 15 × 201 = 3015 of the 4096 bytes that Linux takes for a path; twice that are too many.
  const deep = `${'d'.repeat(200)}/`.repeat(15);
  for (const top of ['ctx', 'more']) mkdirSync(`${root}/${top}/${deep}`, { recursive: true });
  renameSync(`${root}/more`, `${root}/ctx/${deep}more`);
  const { problems } = listContext('ctx', NO_RULES, workingTree(root));
  expect(problems.map(({ code }) => code)).toEqual(['PATH_TOO_LONG']);
  expect(problems[0]?.file).toMatch(/^ctx\/d{116}\.\.\.$/);
});

test('nothing can be at a name that is longer than names are', () => {
  const tree = workingTree(temporaryFolder());
  expect(tree.entry('x'.repeat(256))).toBeUndefined();
  expect(tree.entry(`${'x'.repeat(5000)}/y`)).toBeUndefined();
});
