import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';
import { beforeAll, expect, inject, test, vi } from 'vitest';
import { installStandIn } from '../../infra/sandbox/stand-ins/install-stand-in.ts';
import { sharedFolder } from '../git/temporary-folder.ts';

// A project of its own, run by the real engine with the project's language host. Whether the
// official host is there as well doesn't matter: it would have to pass these tests too.

const PROGRAM = `
import { writeFileSync } from 'node:fs';
import * as pulumi from '@pulumi/pulumi';
const config = new pulumi.Config();
export const secret = config.requireSecret('secret');
console.log('said on standard output');
console.error('said on standard error');
const ending: string = config.require('ending');
if (ending === 'RunError') throw new pulumi.RunError('only this');
if (ending === 'Error') throw new Error('with a stack');
if (ending === 'exit code') process.exit(3);
if (ending === 'rejection') void Promise.reject(new Error('nobody waited for this'));
if (ending === 'none') {
  writeFileSync('pid', String(process.pid));
  await new Promise((done) => setTimeout(done, 600_000));
}
`;

const root = sharedFolder();
let project: string;
let command: string;
let env: NodeJS.ProcessEnv;

beforeAll(() => {
  project = join(root, 'project');
  for (const name of ['project', 'state', 'home']) mkdirSync(join(root, name));
  writeFileSync(
    join(project, 'Pulumi.yaml'),
    [
      'name: scratch',
      'runtime: {name: nodejs, options: {typescript: false, nodeargs: --import ./first.ts}}\n',
    ].join('\n'),
  );
  writeFileSync(join(project, 'first.ts'), "console.log('said before the program');");
  writeFileSync(join(project, 'package.json'), '{"type": "module", "main": "program.ts"}');
  writeFileSync(join(project, 'program.ts'), PROGRAM);
  symlinkSync(resolve('node_modules'), join(project, 'node_modules'));
  ({ command } = inject('prerequisites').engine);
  installStandIn(join(root, 'home'), 'language-nodejs', '0.0.1');
  env = {
    ...process.env,
    PATH: [dirname(command), dirname(process.execPath), process.env['PATH']].join(delimiter),
    PULUMI_HOME: join(root, 'home'),
    PULUMI_BACKEND_URL: `file://${join(root, 'state')}`,
    PULUMI_CONFIG_PASSPHRASE: 'test',
    PULUMI_SKIP_UPDATE_CHECK: 'true',
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: 'true',
  };
  expect(pulumi('stack', 'init', 'test').status).toBe(0);
  expect(pulumi('config', 'set', '--secret', 'secret', 'hush').status).toBe(0);
});

function pulumi(...args: readonly string[]) {
  const options = { cwd: project, env, encoding: 'utf8' } as const;
  const { status, stdout, stderr } = spawnSync(command, [...args, '--non-interactive'], options);
  return { status, output: stdout + stderr };
}

function preview(ending: string) {
  return pulumi('preview', '--color=never', '--config', `ending=${ending}`);
}

test('a TypeScript program runs as it is; what it prints is shown, its secrets are not', () => {
  const { status, output } = preview('well');
  expect(output).toContain('said before the program');
  expect(output).toContain('said on standard output');
  expect(output).toContain('said on standard error');
  expect(output).toMatch(/secret: *\[secret\]/);
  expect(output).not.toContain('hush');
  expect(status).toBe(0);
});

test.each([
  ['RunError', /error: only this\n/, /program\.ts/],
  ['Error', /with a stack[^]*program\.ts/, /exit code/],
  ['exit code', /exit code:? 3/, /unhandled exception/],
  ['rejection', /nobody waited for this/, /exit code/],
])(
  'a program that ends by %s fails the run, and says no more than it should',
  (ending, told, not) => {
    const { status, output } = preview(ending);
    expect(status).not.toBe(0);
    expect(output).toMatch(told);
    expect(output).not.toMatch(not);
  },
);

test.each<[string, (engine: ChildProcess) => void]>([
  ['is killed', (engine) => engine.kill('SIGKILL')],
  ['is interrupted', (engine) => engine.kill('SIGINT')],
])('the program ends when the engine %s', async (_, end) => {
  const file = join(project, 'pid');
  rmSync(file, { force: true });
  const engine = spawn(command, ['preview', '--non-interactive', '--config', 'ending=none'], {
    cwd: project,
    env,
    stdio: 'ignore',
  });
  const exited = once(engine, 'exit');
  const limits = { timeout: 60_000, interval: 100 };
  await vi.waitUntil(() => existsSync(file) && readFileSync(file, 'utf8') !== '', limits);
  const program = Number(readFileSync(file, 'utf8'));
  end(engine);
  await exited;
  await vi.waitUntil(() => !isRunning(program), limits);
});

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
