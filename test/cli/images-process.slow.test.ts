import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { execPath } from 'node:process';
import { expect, test } from 'vitest';
import { checkout, ENTRY } from './checkout-fixture.ts';

const COMMAND = resolve('src/cli/images.ts');

test('the exit code is the one of the command, and the checkout is where it is started', () => {
  const cwd = checkout({ 'ctx/.dockerignore': '[' });
  const { status, stdout, stderr } = spawnSync(execPath, [COMMAND, 'plan'], {
    cwd,
    encoding: 'utf8',
  });
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  expect(stderr).toContain('ctx/.dockerignore:1');
});

test('a reader that stops early is no failure', () => {
  const many = Array.from({ length: 800 }, (_, index) => `${ENTRY}    name: i${index}\n`);
  const cwd = checkout({ 'config/images.yml': `images:\n${many.join('')}` });
  const script = '"$0" "$1" plan --json | head -n 1; exit "${PIPESTATUS[0]}"';
  const args = ['-c', script, execPath, COMMAND];
  const { status, stdout, stderr } = spawnSync('bash', args, { cwd, encoding: 'utf8' });
  expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '[\n', stderr: '' });
});
