import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { readdirSync, readlinkSync, readFileSync } from 'node:fs';

export interface Run {
  readonly code: number | null;
  /** Both streams. */
  readonly output: string;
  readonly stdout: string;
}

/** Starts a program; `done` resolves when it has ended and all it printed is read. */
export function startRun(
  command: string,
  args: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv,
): { child: ChildProcess; done: Promise<Run> } {
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

/** The ids of the processes that work in a folder, as its engine, program and plug-ins do. */
export function processesIn(folder: string): readonly string[] {
  return readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && workingFolder(pid) === folder);
}

/** `undefined` for one that has just ended. */
function workingFolder(pid: string): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return undefined;
  }
}

/** What the processes that a process has started, and those that they have, were seen to do. */
export interface ProcessWatch {
  /** Their command lines, arguments parted by spaces. */
  readonly commands: ReadonlySet<string>;
  /** Where they listen for TCP connections: `127.0.0.1:40485`, or hexadecimal digits for IPv6. */
  readonly listening: ReadonlySet<string>;
  end(): void;
}

/** Short enough for whoever starts a program: Node takes longer than that to start. */
const EVERY_MS = 20;
/** The kernel takes milliseconds for its list of sockets, and programs that listen stay for seconds. */
const SOCKETS_EVERY_MS = 200;

/** The state of a socket that listens (Linux, net/tcp_states.h). */
const LISTEN = '0A';

/** The command lines of the processes below `root`, arguments parted by spaces. */
export function commandsBelow(root: number): readonly string[] {
  return descendantsOf(root, new Map()).map(commandOf);
}

/** Looks at the processes below `root` again and again, in /proc. */
export function watchProcesses(root = process.pid): ProcessWatch {
  const commands = new Set<string>();
  const listening = new Set<string>();
  const parents = new Map<string, string>();
  const look = () => {
    for (const pid of descendantsOf(root, parents)) commands.add(commandOf(pid));
  };
  const lookAtSockets = () => {
    const sockets = new Set(descendantsOf(root, parents).flatMap(socketsOf));
    for (const { address, inode } of listeningSockets()) {
      if (sockets.has(inode)) listening.add(address);
    }
  };
  const timers = [setInterval(look, EVERY_MS), setInterval(lookAtSockets, SOCKETS_EVERY_MS)];
  return {
    ...{ commands, listening },
    end() {
      for (const timer of timers) clearInterval(timer);
    },
  };
}

/** Reads the parents of those processes that `parents` has not, and leaves those of today in it. */
function descendantsOf(root: number, parents: Map<string, string>): readonly string[] {
  const pids = new Set(readdirSync('/proc').filter((name) => /^\d+$/.test(name)));
  for (const pid of parents.keys()) if (!pids.has(pid)) parents.delete(pid);
  const children = new Map<string, string[]>();
  for (const pid of pids) {
    const parent = parents.get(pid) ?? parentOf(pid);
    parents.set(pid, parent);
    children.set(parent, [...(children.get(parent) ?? []), pid]);
  }
  const found: string[] = [];
  const pending = [String(root)];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const own = children.get(next) ?? [];
    found.push(...own);
    pending.push(...own);
  }
  return found;
}

function parentOf(pid: string): string {
  return /^PPid:\s+(\d+)$/m.exec(readText(`/proc/${pid}/status`))?.[1] ?? '';
}

function commandOf(pid: string): string {
  return readText(`/proc/${pid}/cmdline`).replaceAll('\0', ' ');
}

function socketsOf(pid: string): readonly string[] {
  const folder = `/proc/${pid}/fd`;
  const links = orNothing(() => readdirSync(folder))?.map((name) =>
    orNothing(() => readlinkSync(`${folder}/${name}`)),
  );
  return (links ?? []).flatMap((link) => /^socket:\[(\d+)\]$/.exec(link ?? '')?.[1] ?? []);
}

function listeningSockets(): readonly { readonly address: string; readonly inode: string }[] {
  return ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((file) =>
    readText(file)
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .filter(([, , , state]) => state === LISTEN)
      .map(([, address = '', , , , , , , , inode = '']) => ({ address: plain(address), inode })),
  );
}

/** `127.0.0.1:40485` of `0100007F:9E25`: an IPv4 address is written in the machine's byte order. */
function plain(address: string): string {
  const [host = '', port = ''] = address.split(':');
  if (host.length !== 8) return address;
  const bytes = [...Buffer.from(host, 'hex')].reverse();
  return `${bytes.join('.')}:${Number.parseInt(port, 16)}`;
}

/** Empty for a process that has just ended. */
function readText(file: string): string {
  return orNothing(() => readFileSync(file, 'utf8')) ?? '';
}

function orNothing<Value>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

/**
 * How a secret can show: as it is, in a form or an address, and each of them in base64, wherever in the text it
 * stands.
 */
export function tracesOf(secret: string): readonly string[] {
  const plain = [secret, encodeURIComponent(secret)];
  const packed = plain.flatMap((text) =>
    [0, 1, 2].map((shift) => {
      const base64 = Buffer.from(' '.repeat(shift) + text).toString('base64');
      // The ends hold bits of what stands beside it.
      return base64.replace(/=+$/, '').slice(shift === 0 ? 0 : 4, -1);
    }),
  );
  return [...plain, ...packed];
}
