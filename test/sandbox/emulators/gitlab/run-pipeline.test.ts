import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { runScript } from '../../../../infra/sandbox/emulators/gitlab/run-pipeline.ts';
import { temporaryFolder } from '../../../git/temporary-folder.ts';

function started(code: string, stop = new AbortController()) {
  const cwd = temporaryFolder();
  const file = join(cwd, 'log');
  const log = openSync(file, 'a');
  onTestFinished(() => {
    closeSync(log);
  });
  const options = { cwd, env: process.env };
  const done = runScript([process.execPath, '-e', code], options, log, stop.signal);
  return { done, logged: () => readFileSync(file, 'utf8') };
}

test('the output of a script is in the log, and its exit code is returned', async () => {
  const { done, logged } = started(
    'console.log("out"); console.error("err"); process.exitCode = 3',
  );
  expect(await done).toBe(3);
  expect(logged()).toBe('out\nerr\n');
});

test('a stop before its begin keeps it from beginning', async () => {
  const stop = new AbortController();
  stop.abort();
  const { done, logged } = started('console.log("begun")', stop);
  expect(await done).toBe(1);
  expect(logged()).toBe('');
});

test('a stop ends the script and its children', async () => {
  const stop = new AbortController();
  const child = `process.on('SIGTERM', () => { console.log('child'); process.exit(); }); setTimeout(() => {}, 60000); console.log('ready');`;
  const parent = `
    const child = require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(child)}], { stdio: 'inherit' });
    process.on('SIGTERM', () => child.on('exit', () => process.exit(5)));`;
  const { done, logged } = started(parent, stop);
  await expect.poll(logged).toBe('ready\n');
  stop.abort();
  expect(await done).toBe(5);
  expect(logged()).toBe('ready\nchild\n');
});
