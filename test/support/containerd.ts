import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { debianProgram } from '../../infra/toolchain/programs.ts';

const execute = promisify(execFile);

/** A containerd of a test's own, as nodes of Kubernetes have one. */
export interface Containerd {
  /** Runs `ctr`, containerd's own client, and returns what it printed. */
  ctr(...args: readonly string[]): Promise<Buffer>;
  /** Ends it with all of its containers, and removes all that it has. */
  remove(): Promise<void>;
}

const PATIENCE_MS = 60_000;

/** What programs print: a disk, at most. */
const LARGEST = 64 * 1024 ** 2;

/** Starts one as root, in namespaces of its own for processes and mounts, so that it leaves none of either. */
export async function startContainerd(folder: string): Promise<Containerd> {
  const note = console.error;
  const daemon = await debianProgram('containerd', 'containerd', note);
  const client = await debianProgram('ctr', 'containerd', note);
  const socket = join(folder, 'containerd.sock');
  mkdirSync(folder, { recursive: true });
  const config = [
    'version = 2',
    `root = "${join(folder, 'root')}"`,
    `state = "${join(folder, 'state')}"`,
    'disabled_plugins = ["io.containerd.grpc.v1.cri"]',
    '[grpc]',
    `address = "${socket}"`,
  ];
  writeFileSync(join(folder, 'config.toml'), `${config.join('\n')}\n`);
  const logFile = join(folder, 'log');
  const log = openSync(logFile, 'a');
  const namespaces = ['--mount', '--pid', '--fork', '--kill-child', '--mount-proc'];
  const command = [...namespaces, daemon, '--config', join(folder, 'config.toml')];
  const child = spawn('unshare', command, { stdio: ['ignore', log, log] });
  closeSync(log);

  const containerd: Containerd = {
    async ctr(...args) {
      const address = ['--address', socket, '--namespace', 'test'];
      const options = { encoding: 'buffer', maxBuffer: LARGEST } as const;
      return (await execute(client, [...address, ...args], options)).stdout;
    },
    async remove() {
      if (child.exitCode === null && child.signalCode === null) {
        const ended = once(child, 'exit');
        child.kill('SIGKILL');
        await ended;
      }
      rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
    },
  };
  const deadline = Date.now() + PATIENCE_MS;
  while (!(await containerd.ctr('version').catch(() => undefined))) {
    if (child.exitCode !== null || Date.now() > deadline) {
      await containerd.remove();
      throw new Error(`${daemon} did not start:\n${readFileSync(logFile, 'utf8')}`);
    }
    await pause(100);
  }
  return containerd;
}
