import { execFileSync, type ChildProcess } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseDocument, parse, stringify } from 'yaml';
import { engineEnvironment } from '../../infra/sandbox/engine-environment.ts';
import { sandboxAt, PROJECT } from '../../infra/sandbox/sandbox.ts';
import { readTextFile } from '../../infra/sandbox/text-file.ts';
import { LABELS } from '../../src/catalog/build-arguments.ts';
import type { Prerequisites } from '../engine/global-setup.ts';
import { copyProject } from './copied-checkout.ts';
import { keepPlugIns } from './kept-plug-ins.ts';
import { startRun, type Run } from './processes.ts';
import { z } from 'zod';
import { gcpSettings } from '../../infra/sandbox/stack-settings.ts';
import type { SandboxRecord } from '../../infra/sandbox/sandbox-record.ts';

/** A copy of the project in a folder of its own, with its own stack, state and catalog. */
export interface TestCheckout {
  readonly root: string;
  /** Writes a file below the checkout. */
  write(path: string, content: string, mode?: number): void;
  /** Declares images by name, each with a context of its own that holds one file `content`. */
  declare(names: readonly string[], base: string): void;
  /** Adds settings, such as `refreshPaused` or `gcp:region`, to those that a checkout has anyway. */
  configure(settings: Readonly<Record<string, unknown>>): void;
  commit(): string;
  pulumi(...args: string[]): Promise<Run>;
  /** The running engine, for tests that end it. */
  startPulumi(...args: string[]): { child: ChildProcess; done: Promise<Run> };
  images(...args: string[]): Promise<Run>;
  /** Any other program, in the environment that the engine has, and with more variables; plug-ins are started. */
  run(command: string, args: readonly string[], more?: NodeJS.ProcessEnv): Promise<Run>;
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

/** How a checkout is made. */
export interface CheckoutOptions {
  readonly umask?: number;
  /** `copied` for tests that run pipelines, which find the checkout by where their code is. */
  readonly code?: 'linked' | 'copied';
  /**
   * Plug-ins that are `kept` run from the first command to the last, which saves a command more than half of
   * its time. Tests of processes, of how they end and of what they inherit want them `started` by the engine.
   */
  readonly plugIns?: 'kept' | 'started';
  /** More variables, for all programs. */
  readonly env?: NodeJS.ProcessEnv;
}

/** What a checkout needs. Its engine finds no other plug-ins than these. */
type CheckoutPrerequisites = Omit<Prerequisites, 'plugins'> & {
  readonly plugins: Partial<Prerequisites['plugins']>;
};

export async function makeTestCheckout(
  prerequisites: CheckoutPrerequisites,
  addresses: TestAddresses,
  { umask = 0o022, code = 'linked', plugIns = 'kept', env: more = {} }: CheckoutOptions = {},
): Promise<TestCheckout> {
  const root = mkdtempSync(join(tmpdir(), 'checkout-'));
  copyProject(root, code, umask);
  const sandbox = sandboxAt(root);
  mkdirSync(sandbox.state, { recursive: true });
  mkdirSync(sandbox.pulumiHome, { recursive: true });
  symlinkSync(join(prerequisites.pulumiHome, 'plugins'), join(sandbox.pulumiHome, 'plugins'));
  const env = {
    ...engineEnvironment(sandbox, prerequisites),
    ...withoutPipeline(),
    NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'],
    ...more,
  };

  const write = (path: string, content: string, mode = 0o666 & ~umask) => {
    const file = join(root, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
    chmodSync(file, mode);
  };
  const kept = plugIns === 'kept' ? await keepPlugIns(prerequisites, root, env) : undefined;
  const startPulumi = (...args: string[]) => {
    const { command } = prerequisites.engine;
    const { child, done } = startRun(command, args, root, { ...env, ...kept?.env });
    const withPrinted = async (): Promise<Run> => {
      const run = await done;
      return { ...run, output: run.output + ((await kept?.output()) ?? '') };
    };
    return { child, done: withPrinted() };
  };
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=test', '-c', 'user.email=test@localhost', ...args], {
      cwd: root,
      encoding: 'utf8',
    }).trim();

  git('init', '--quiet', '--initial-branch', 'main');
  // What is not committed is on no branch; tests of branches write a retention file of their own.
  const retention = parseDocument(readFileSync(join(root, 'config/retention.yml'), 'utf8'));
  retention.set('sources', []);
  write('config/retention.yml', String(retention));
  const configure = (more: Readonly<Record<string, unknown>>) => {
    write('Pulumi.sandbox.yaml', testSettings(readTextFile(sandbox.stackFile), addresses, more));
  };
  configure({});
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
    configure,
    commit() {
      git('add', '--all');
      git('commit', '--quiet', '--allow-empty', '--message', 'as it is');
      return git('rev-parse', 'HEAD');
    },
    startPulumi,
    pulumi: (...args) => startPulumi(...args).done,
    images: (...args) => startRun(process.execPath, ['src/cli/images.ts', ...args], root, env).done,
    run: (command, args, more) => startRun(command, args, root, { ...env, ...more }).done,
    remove() {
      kept?.end();
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

/** The tests themselves may run in a pipeline; what they build must not be labelled with it. */
function withoutPipeline(): NodeJS.ProcessEnv {
  return { CI_COMMIT_SHA: undefined, GITHUB_SHA: undefined };
}

/** Where a test has its registry and its emulator, each `127.0.0.1:<port>`. */
type TestAddresses = Pick<SandboxRecord, 'registry' | 'emulator'>;

/** Where the tests' stacks have their images: `ci-images/images` in their registry. */
export const TEST_REPOSITORY = { project: 'ci-images', region: 'europe-west4', id: 'images' };

const StackFile = z.object({ encryptionsalt: z.string().optional() });

/**
 * A stack's file, as YAML, with what every stack needs and `more` settings: the project's are keyed
 * without its name, those of plug-ins in full, such as `gcp:accessToken`. Of the `previous` one nothing
 * stays but the salt, which the engine wrote.
 */
export function testSettings(
  previous: string | undefined,
  { registry, emulator }: TestAddresses,
  more: Readonly<Record<string, unknown>>,
): string {
  const { project, region, id: repositoryId } = TEST_REPOSITORY;
  const settings = Object.entries({ registry, repositoryId, ...more }).map(
    ([key, value]) => [key.includes(':') ? key : `${PROJECT}:${key}`, value] as const,
  );
  return stringify({
    ...StackFile.parse(parse(previous ?? '{}')),
    config: { ...gcpSettings(project, region, emulator), ...Object.fromEntries(settings) },
  });
}
