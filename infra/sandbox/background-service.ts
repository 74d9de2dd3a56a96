import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { endProcess, runningProcess } from '../toolchain/pid-file.ts';
import { isServing } from '../toolchain/probe.ts';
import { startInBackground } from '../toolchain/start-in-background.ts';
import {
  chooseRememberedPort,
  isPortFree,
  rememberedPort,
  type RememberedPort,
} from './remembered-port.ts';
import { readTextFile, writeIfChanged } from './text-file.ts';

/** A program that `npm start` leaves running, and that responds over HTTP. */
export interface BackgroundService {
  /** Names two files in `folder`: `<name>.json` records the process, `<name>.log` has its output. */
  readonly name: 'emulator' | 'gitlab' | 'registry' | 'upstream' | 'page';
  readonly folder: string;
  /** What the program is made of. A service of another origin is started again. */
  readonly origin: string;
  readonly port: Omit<RememberedPort, 'file'>;
  /** A path at which the running program responds with 200. */
  readonly path: string;
  /** Provides the program, and the command that has it listen at that port of 127.0.0.1. */
  readonly commandAt: (
    port: number,
  ) => Promise<{ readonly command: string; readonly args: readonly string[] }>;
  /** Whether the program that was just started listens, by what it has printed. */
  readonly isReady: (port: number, log: string) => boolean | Promise<boolean>;
}

/** A service that runs on this machine. */
export interface StartedService {
  /** `127.0.0.1:<port>`. */
  readonly address: string;
  /** Whether this call started it. */
  readonly started: boolean;
}

/** Returns the service: it runs already, or is started now in the background. */
export async function startService(service: BackgroundService): Promise<StartedService> {
  const { folder, origin, path } = service;
  const originFile = join(folder, 'origin');
  const known = rememberedPort(join(folder, 'port'));
  const isCurrent =
    runningProcess(pidFile(service)) !== undefined && readTextFile(originFile) === origin;
  if (known !== undefined && isCurrent && (await isServing(known, path))) {
    return { address: `127.0.0.1:${known}`, started: false };
  }
  await endService(service);
  const port = await startAtItsPort(service);
  // Only now: the origin of a program that never responded is not known.
  writeIfChanged(originFile, origin);
  return { address: `127.0.0.1:${port}`, started: true };
}

/** Ends the service; its files stay. Returns whether it was running. */
export async function endService(
  service: Pick<BackgroundService, 'folder' | 'name'>,
): Promise<boolean> {
  return endProcess(pidFile(service));
}

/** Returns the port. Chooses another port when a new one is taken by a faster program. */
async function startAtItsPort(service: BackgroundService): Promise<number> {
  const { folder, name, commandAt, isReady } = service;
  const place = { ...service.port, file: join(folder, 'port') };
  const logFile = join(folder, `${name}.log`);
  const isKnown = rememberedPort(place.file) !== undefined;
  for (;;) {
    const port = await chooseRememberedPort(place);
    try {
      const command = { ...(await commandAt(port)), pidFile: pidFile(service), logFile };
      await startInBackground(command, async () => isReady(port, readTextFile(logFile) ?? ''));
      return port;
    } catch (error) {
      if (isKnown || (await isPortFree(port))) throw error;
      rmSync(place.file);
    }
  }
}

function pidFile({ folder, name }: Pick<BackgroundService, 'folder' | 'name'>): string {
  return join(folder, `${name}.json`);
}

/**
 * A hash of all code that the sandbox's programs can import in the checkout at `root`: the sources, the
 * versions of the packages, and Node. The same code has the same hash in every folder.
 */
export function codeFingerprint(root: string): string {
  const sources = ['infra', 'src'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
      .map((entry) => join(entry.parentPath, entry.name)),
  );
  const hash = createHash('sha256').update(process.version);
  for (const file of [...sources, join(root, 'package-lock.json')].sort()) {
    const content = createHash('sha256').update(readFileSync(file)).digest('hex');
    hash.update(`\n${relative(root, file)} ${content}`);
  }
  return hash.digest('hex');
}
