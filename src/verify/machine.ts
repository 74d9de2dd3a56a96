import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { stripVTControlCharacters } from 'node:util';

/** How a machine ended. It is off in each case. */
export type MachineEnd =
  | ConsoleVerdict
  | { readonly kind: 'timeout' }
  /** Its firmware never got to the disk, or it has been silent for too long. */
  | { readonly kind: 'stuck' }
  /** The emulator ended by itself. `output` is its error output. */
  | { readonly kind: 'exited'; readonly output: string };

export interface MachineOptions {
  /** Milliseconds until it must be up. */
  readonly timeout: number;
  /** Milliseconds that the firmware may take; no limit when absent. */
  readonly firmware?: number;
  /** Milliseconds that it may be silent; no limit when absent. */
  readonly silence?: number;
  /** Milliseconds of silence after which Enter is pressed; 10 s when absent. */
  readonly patience?: number;
  /** Whether its console, without control sequences, shows work that a machine that is up still has to end. */
  readonly isBusy?: (console: string) => boolean;
  /** The file that its console is written to. */
  readonly log: string;
  readonly signal: AbortSignal | undefined;
}

/** A machine that has run, and what its console has shown. */
export interface MachineRun {
  readonly end: MachineEnd;
  readonly console: string;
}

/** A prompt may be the beginning of another line, and a panic may follow a real one. */
const SETTLING_MS = 1000;

/** A slow machine's login prompt may be torn by other lines; Enter brings another. */
const PATIENCE_MS = 10_000;

/** Characters, far more than a boot prints: what it prints is in memory and in a file. */
const MOST_PRINTED = 4 * 1024 * 1024;

/** Runs a program that the kernel ends when this process does, even if that is killed. */
const ENDS_WITH_PARENT = process.platform === 'linux' ? ['setpriv', '--pdeathsig', 'KILL'] : [];

/** The longest that a timer can be set to. */
const NEVER_MS = 2 ** 31 - 1;

/**
 * Starts a machine, waits until its console shows that it is up or has failed, and ends it. `args` connect
 * its serial port with standard input and output. Throws errors of `spawn`, and the reason of `signal`.
 */
export async function runMachine(
  program: string,
  args: readonly string[],
  options: MachineOptions,
): Promise<MachineRun> {
  const { timeout, firmware = NEVER_MS, silence = NEVER_MS, patience = PATIENCE_MS } = options;
  const { isBusy = () => false, log, signal } = options;
  signal?.throwIfAborted();
  const file = createWriteStream(log);
  const [command, ...before] = [...ENDS_WITH_PARENT, program];
  const child = spawn(command, [...before, ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    // What breaks out of a machine finds no token here.
    env: { PATH: process.env['PATH'], TMPDIR: process.env['TMPDIR'] },
  });
  child.stdin.on('error', () => undefined); // It may be gone by then.
  // Such as a full disk. `finished` throws it.
  file.on('error', () => child.kill('SIGKILL'));
  const words: string[] = [];
  let text = '';
  let end: MachineEnd | undefined;
  const finish = (verdict: MachineEnd) => {
    end ??= verdict;
    child.kill('SIGKILL');
  };
  /** A machine that is up stays so, whatever it has not ended. */
  const giveUp = (kind: 'stuck' | 'timeout') => {
    finish(judgeConsole(text) ?? { kind });
  };
  let settling: NodeJS.Timeout | undefined;
  const settle = () => {
    settling = undefined;
    const verdict = judgeConsole(text);
    if (verdict?.kind === 'up' && isBusy(text)) settling = setTimeout(settle, SETTLING_MS);
    else if (verdict !== undefined) finish(verdict);
  };
  const onAbort = () => child.kill('SIGKILL');
  signal?.addEventListener('abort', onAbort);
  const nudge = setInterval(() => {
    if (!isInFirmware(text)) child.stdin.write('\n');
  }, patience);
  const silent = setTimeout(giveUp, silence, 'stuck');
  const late = setTimeout(giveUp, timeout, 'timeout');
  const early = setTimeout(() => {
    if (isInFirmware(text)) finish({ kind: 'stuck' });
  }, firmware);
  child.stdout.setEncoding('utf8').on('data', (piece: string) => {
    file.write(piece);
    nudge.refresh();
    silent.refresh();
    // A control sequence whose end is still to come stays, and goes with the next piece.
    text = stripVTControlCharacters(text + piece).replaceAll('\r', '');
    if (text.length > MOST_PRINTED) finish({ kind: 'failed', reason: 'it prints without end' });
    const verdict = judgeConsole(text);
    if (verdict?.kind === 'failed') finish(verdict);
    else if (verdict !== undefined) settling ??= setTimeout(settle, SETTLING_MS);
  });
  child.stderr.setEncoding('utf8').on('data', (piece: string) => words.push(piece));
  try {
    await once(child, 'close');
  } finally {
    [nudge, silent, late, early, settling].forEach(clearTimeout);
    signal?.removeEventListener('abort', onAbort);
    await finished(file.end());
  }
  signal?.throwIfAborted();
  const output = words.join('').trim();
  if (output.startsWith('setpriv: failed to execute')) {
    throw Object.assign(new Error(`there is no ${program}`), { code: 'ENOENT' });
  }
  return { end: end ?? { kind: 'exited', output }, console: text };
}

type ConsoleVerdict =
  | { readonly kind: 'up'; readonly sign: string }
  | { readonly kind: 'failed'; readonly reason: string };

/**
 * The kernel may print on where a prompt ends, and so may systemd, whose lines begin with a bracket or
 * with many spaces. A name before it distinguishes it from a message about logins.
 */
const SIGNS = [
  { text: 'a login prompt', pattern: /^\S+ login:(?: *$| *\[| {8,})/m },
  { text: 'cloud-init has finished', pattern: /Cloud-init v\. \S+ finished at / },
] as const;

/** Failures that a machine does not recover from by itself. */
const STOPS = [
  { text: 'the kernel panicked', pattern: /Kernel panic - not syncing/ },
  { text: 'the boot loader does not find its files', pattern: /^ *grub rescue>/m },
  { text: 'the boot loader has nothing to boot', pattern: /^ *grub>/m },
  { text: 'the firmware finds nothing to boot', pattern: /No bootable device/ },
  { text: 'the root file system was not found', pattern: /^\(initramfs\)|^dracut:\/#/m },
  { text: 'systemd gave up', pattern: /You are in (?:emergency|rescue) mode/ },
] as const;

/**
 * Whether a machine is up, or will never be, by its whole console without control sequences. `undefined`
 * while it is under way.
 */
export function judgeConsole(text: string): ConsoleVerdict | undefined {
  const stop = STOPS.find(({ pattern }) => pattern.test(text));
  if (stop !== undefined) return { kind: 'failed', reason: stop.text };
  const sign = SIGNS.find(({ pattern }) => pattern.test(text));
  return sign && { kind: 'up', sign: sign.text };
}

/** Whether nothing but the firmware has spoken yet: no boot loader, and no kernel. */
export function isInFirmware(text: string): boolean {
  return text.split('\n').every((line) => /^\s*$|SeaBIOS|iPXE|^Booting from/.test(line));
}
