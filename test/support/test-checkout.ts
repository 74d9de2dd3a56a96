import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { once } from 'node:events';
import { CHECKOUT } from '../../infra/sandbox/checkout.ts';
import { engineEnvironment } from '../../infra/sandbox/engine-environment.ts';
import { sandboxAt } from '../../infra/sandbox/sandbox.ts';
import { LABELS } from '../../src/catalog/build-arguments.ts';
import type { Prerequisites } from '../engine/global-setup.ts';

export interface Run {
  readonly code: number | null;
  /** Both streams. */
  readonly output: string;
  readonly stdout: string;
}

/** A copy of the project in a folder of its own, with its own stack, state and catalog. */
export interface TestCheckout {
  readonly root: string;
  /** Writes a file below the checkout. */
  write(path: string, content: string, mode?: number): void;
  /** Declares images by name, each with a context of its own that holds one file `content`. */
  declare(names: readonly string[], base: string): void;
  commit(): string;
  pulumi(...args: string[]): Promise<Run>;
  /** The running engine, for tests that end it. */
  startPulumi(...args: string[]): { child: ChildProcess; done: Promise<Run> };
  images(...args: string[]): Promise<Run>;
  remove(): void;
}

const UP = ['up', '--yes', '--skip-preview', '--non-interactive', '--color', 'never'];

/** Arguments of an `up` as a pipeline runs it. */
export function up(...more: string[]): string[] {
  return [...UP, ...more];
}

/** The build recipe of every declared image: its base, its one file, and the labels. */
export const DOCKERFILE = [
  'ARG BASE',
  'FROM ${BASE}',
  'COPY content /content',
  ...[...new Set(Object.values(LABELS))].map((argument) => `ARG ${argument}`),
  ...Object.entries(LABELS).map(([label, argument]) => `LABEL ${label}="\${${argument}}"`),
  '',
].join('\n');

export async function makeTestCheckout(
  prerequisites: Prerequisites,
  registry: string,
  umask = 0o022,
): Promise<TestCheckout> {
  const root = mkdtempSync(join(tmpdir(), 'checkout-'));
  copyProject(root, umask);
  const sandbox = sandboxAt(root);
  mkdirSync(sandbox.state, { recursive: true });
  mkdirSync(sandbox.pulumiHome, { recursive: true });
  symlinkSync(join(prerequisites.pulumiHome, 'plugins'), join(sandbox.pulumiHome, 'plugins'));
  const env = { ...engineEnvironment(sandbox, prerequisites), ...withoutPipeline() };

  const write = (path: string, content: string, mode = 0o666 & ~umask) => {
    const file = join(root, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
    chmodSync(file, mode);
  };
  const startPulumi = (...args: string[]) => run(prerequisites.engine.command, args, root, env);
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=test', '-c', 'user.email=test@localhost', ...args], {
      cwd: root,
      encoding: 'utf8',
    }).trim();

  git('init', '--quiet', '--initial-branch', 'main');
  write(
    'Pulumi.sandbox.yaml',
    [
      'config:',
      `  kubernetes-ci-images:registry: ${registry}`,
      '  kubernetes-ci-images:repositoryPrefix: ci',
      '',
    ].join('\n'),
  );
  await startPulumi('stack', 'init', 'sandbox').done;

  return {
    root,
    write,
    declare(names, base) {
      const entries = names.map((name) => entryOf(name, base));
      write('config/images.yml', ['images:', ...entries, ''].join('\n'));
      for (const name of names) {
        write(`config/contexts/${name}/Dockerfile`, DOCKERFILE);
        write(`config/contexts/${name}/content`, `${name}\n`);
      }
    },
    commit() {
      git('add', '--all');
      git('commit', '--quiet', '--allow-empty', '--message', 'as it is');
      return git('rev-parse', 'HEAD');
    },
    startPulumi,
    pulumi: (...args) => startPulumi(...args).done,
    images: (...args) => run(process.execPath, ['src/cli/images.ts', ...args], root, env).done,
    remove() {
      rmSync(root, { recursive: true, force: true });
    },
  };
}

function entryOf(name: string, base: string): string {
  return [
    `  - name: ${name}`,
    '    distribution: busybox',
    '    version: "1"',
    `    base: ${base}`,
    `    context: config/contexts/${name}`,
  ].join('\n');
}

function copyProject(root: string, umask: number): void {
  for (const part of ['infra', 'src', 'package.json', 'Pulumi.yaml', '.gitignore']) {
    cpSync(join(CHECKOUT, part), join(root, part), { recursive: true });
  }
  symlinkSync(join(CHECKOUT, 'node_modules'), join(root, 'node_modules'));
  chmodSync(root, 0o777 & ~umask);
}

/** The tests themselves may run in a pipeline; what they build must not be labelled with it. */
function withoutPipeline(): NodeJS.ProcessEnv {
  return { CI_COMMIT_SHA: undefined, GITHUB_SHA: undefined };
}

function run(command: string, args: readonly string[], cwd: string, env: NodeJS.ProcessEnv) {
  const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const done = (async (): Promise<Run> => {
    const [stdout, stderr] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      child.exitCode === null && child.signalCode === null ? once(child, 'exit') : undefined,
    ]);
    return { code: child.exitCode, output: stdout + stderr, stdout };
  })();
  return { child, done };
}
