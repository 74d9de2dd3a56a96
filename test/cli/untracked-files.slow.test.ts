import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkout } from './checkout-fixture.ts';
import { runImages } from '../../src/cli/run-images.ts';

function git(root: string, ...args: string[]): void {
  execFileSync('git', ['-C', root, ...args], { stdio: 'pipe' });
}

/** A repository whose index holds the checkout. */
function repository(files: Record<string, string> = {}): string {
  const root = checkout(files);
  git(root, 'init', '--quiet');
  git(root, 'add', '.');
  return root;
}

async function plan(root: string): Promise<{ stdout: string; warned: readonly string[] }> {
  let [stdout, stderr] = ['', ''];
  const status = await runImages(['plan', '--json'], {
    root,
    out: (text) => (stdout += text),
    err: (text) => (stderr += text),
  });
  expect(status).toBe(0);
  const warned = stderr.split('\n').filter((line) => line !== '');
  return {
    stdout,
    warned: warned.map((line) => /^warning: (.*) is not in git/.exec(line)?.[1] ?? line),
  };
}

test('a checkout that git knows all of is planned without a warning', async () => {
  expect((await plan(repository())).warned).toEqual([]);
});

test('a file of a context that git does not know is warned of, and not in the JSON', async () => {
  const root = repository({ '.gitignore': '*.swp\n' });
  for (const name of ['.swp', 'new file', 'a*b']) writeFileSync(join(root, 'ctx', name), '');
  writeFileSync(join(root, 'elsewhere'), '');
  const { stdout, warned } = await plan(root);
  // Ignored by git is unknown to git all the same.
  expect(warned).toEqual(['ctx/.swp', 'ctx/a*b', 'ctx/new file']);
  expect(JSON.parse(stdout)).toHaveLength(1);
});

test('a file that .dockerignore names changes no tag, and is not warned of', async () => {
  const root = repository({ 'ctx/.dockerignore': '*.log\n' });
  writeFileSync(join(root, 'ctx/build.log'), '');
  expect((await plan(root)).warned).toEqual([]);
});

test('a Dockerfile and an ignore file that git does not know are warned of', async () => {
  const root = repository();
  git(root, 'rm', '--cached', '--quiet', 'ctx/Dockerfile');
  writeFileSync(join(root, 'ctx/.dockerignore'), '');
  expect((await plan(root)).warned).toEqual(['ctx/.dockerignore', 'ctx/Dockerfile']);
});

test('a repository inside of a context is warned of file by file', async () => {
  const root = repository();
  mkdirSync(join(root, 'ctx/inner'));
  git(join(root, 'ctx/inner'), 'init', '--quiet');
  writeFileSync(join(root, 'ctx/inner/file'), '');
  expect((await plan(root)).warned).toContain('ctx/inner/file');
});

test('outside of a repository nothing is warned of', async () => {
  expect((await plan(checkout({ 'ctx/file': '' }))).warned).toEqual([]);
});

test('very many files are counted after the first twenty', async () => {
  const root = repository();
  for (let at = 0; at < 25; at++) writeFileSync(join(root, `ctx/file${at}`), '');
  const { warned } = await plan(root);
  expect(warned).toHaveLength(21);
  expect(warned.at(-1)).toContain('and 5 more');
});
