import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { isEngineUp } from '../../infra/toolchain/docker-client.ts';
import { debianProgram } from '../../infra/toolchain/programs.ts';
import { dockerCli } from './docker-cli.ts';
import { freePort } from './ports.ts';

/** A Docker Engine of a test's own, with its own images, build cache and network. */
export interface DockerDaemon {
  /** Its socket, a value for DOCKER_HOST. */
  readonly socket: string;
  /** Where it listens for clients with a certificate, a value for DOCKER_HOST; empty without certificates. */
  readonly tls: string;
  /** The process that all others of it go with. */
  pid(): number;
  /** Ends it, and all that it is building, without a warning. */
  kill(): Promise<void>;
  start(): Promise<void>;
  /** Kills it, and removes all that it has. */
  remove(): Promise<void>;
}

interface DaemonOptions {
  readonly folder: string;
  /** Unique among the daemons of a test. */
  readonly number: number;
  /** A folder with the server's `ca.pem`, `cert.pem` and `key.pem`. */
  readonly certificates?: string;
}

const PATIENCE_MS = 60_000;

/**
 * Starts a daemon as root. It lives in namespaces of its own for processes and mounts, so that it leaves none of either
 * when it is killed; its network is the machine's, since it pushes to a registry on loopback.
 */
export async function startDockerDaemon({
  folder,
  number,
  certificates,
}: DaemonOptions): Promise<DockerDaemon> {
  const dockerd = await debianProgram('dockerd', 'docker.io', console.error);
  const bridge = `kci${process.pid}x${number}`;
  const socket = join(folder, 'docker.sock');
  const port = certificates === undefined ? 0 : await freePort();
  mkdirSync(folder, { recursive: true });
  const ip = (...args: readonly string[]) => execFileSync('ip', args, { stdio: 'pipe' });
  ip('link', 'add', 'name', bridge, 'type', 'bridge');
  ip('addr', 'add', `10.213.${number}.1/24`, 'dev', bridge);
  ip('link', 'set', bridge, 'up');
  const args = [`--host=unix://${socket}`, `--bridge=${bridge}`, '--iptables=false'];
  args.push('--ip-masq=false', `--data-root=${join(folder, 'images')}`);
  args.push(`--exec-root=${join(folder, 'run')}`, `--pidfile=${join(folder, 'docker.pid')}`);
  if (certificates !== undefined) {
    const fileOf = (name: string) => join(certificates, name);
    args.push(`--host=tcp://127.0.0.1:${port}`, '--tlsverify', `--tlscacert=${fileOf('ca.pem')}`);
    args.push(`--tlscert=${fileOf('cert.pem')}`, `--tlskey=${fileOf('key.pem')}`);
  }
  const logFile = join(folder, 'log');
  let child: ChildProcess | undefined;

  const daemon: DockerDaemon = {
    socket: `unix://${socket}`,
    tls: certificates === undefined ? '' : `tcp://127.0.0.1:${port}`,
    pid: () => child?.pid ?? 0,
    async start() {
      await daemon.kill();
      for (const name of ['docker.pid', 'docker.sock', 'run']) {
        rmSync(join(folder, name), { recursive: true, force: true });
      }
      const log = openSync(logFile, 'a');
      const namespaces = ['--mount', '--pid', '--fork', '--kill-child', '--mount-proc'];
      child = spawn('unshare', [...namespaces, dockerd, ...args], { stdio: ['ignore', log, log] });
      closeSync(log);
      const deadline = Date.now() + PATIENCE_MS;
      while (!(await isEngineUp([dockerCli()], daemon.socket))) {
        if (child.exitCode !== null || Date.now() > deadline) {
          throw new Error(`${dockerd} did not start:\n${readFileSync(logFile, 'utf8')}`);
        }
        await pause(100);
      }
    },
    async kill() {
      if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    },
    async remove() {
      await daemon.kill();
      ip('link', 'delete', bridge);
      rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
    },
  };
  await daemon.start();
  return daemon;
}
