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

/** A program of this project that `npm start` leaves running, and that responds over HTTP. */
interface BackgroundService {
  /** Names two files in `folder`: `<name>.json` records the process, `<name>.log` has its output. */
  readonly name: 'emulator' | 'gitlab' | 'upstream';
  readonly folder: string;
  /** A path in the checkout. The program prints `http://127.0.0.1:<port>` once it listens. */
  readonly program: string;
  /** Without the port, which follows as `--port <port>`. */
  readonly args: readonly string[];
  readonly port: Omit<RememberedPort, 'file'>;
  /** A path at which the running program responds with 200. */
  readonly path: string;
}

/** A service that runs on this machine. */
export interface StartedService {
  /** `127.0.0.1:<port>`. */
  readonly address: string;
  /** Whether this call started it. */
  readonly started: boolean;
}

/**
 * Returns the service: it runs already, or is started now in the background, by the code in the checkout
 * at `root`. A service that was started from other code, or with other arguments, is started again.
 */
export async function startService(
  root: string,
  service: BackgroundService,
): Promise<StartedService> {
  const { folder, args, path } = service;
  const origin = [...args, codeFingerprint(root), ''].join('\n');
  const known = rememberedPort(portOf(service).file);
  const isCurrent =
    runningProcess(pidFile(service)) !== undefined && readTextFile(originFile(folder)) === origin;
  if (known !== undefined && isCurrent && (await isServing(known, path))) {
    return { address: `127.0.0.1:${known}`, started: false };
  }
  await endService(service);
  const port = await startAtItsPort(root, service);
  // Only now: the origin of a program that never responded is not known.
  writeIfChanged(originFile(folder), origin);
  return { address: `127.0.0.1:${port}`, started: true };
}

/** Ends the service; its files stay. Returns whether it was running. */
export async function endService(
  service: Pick<BackgroundService, 'folder' | 'name'>,
): Promise<boolean> {
  return endProcess(pidFile(service));
}

/** Returns the port. Chooses another port when a new one is taken by a faster program. */
async function startAtItsPort(root: string, service: BackgroundService): Promise<number> {
  const place = portOf(service);
  const isKnown = rememberedPort(place.file) !== undefined;
  for (;;) {
    const port = await chooseRememberedPort(place);
    try {
      await startProgram(root, service, port);
      return port;
    } catch (error) {
      if (isKnown || (await isPortFree(port))) throw error;
      rmSync(place.file);
    }
  }
}

async function startProgram(root: string, service: BackgroundService, port: number): Promise<void> {
  const { program, args, folder, name } = service;
  const logFile = join(folder, `${name}.log`);
  await startInBackground(
    {
      command: process.execPath,
      args: [join(root, program), ...args, '--port', String(port)],
      pidFile: pidFile(service),
      logFile,
    },
    // The log, since a program that responds at the port may be another sandbox's.
    () => Promise.resolve(readTextFile(logFile)?.includes(`http://127.0.0.1:${port}\n`) === true),
  );
}

function portOf({ folder, port }: BackgroundService): RememberedPort {
  return { ...port, file: join(folder, 'port') };
}

function pidFile({ folder, name }: Pick<BackgroundService, 'folder' | 'name'>): string {
  return join(folder, `${name}.json`);
}

/** A file with the code and the arguments of the running program. */
function originFile(folder: string): string {
  return join(folder, 'origin');
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
