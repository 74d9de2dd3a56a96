import { rmSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import {
  isPortFree,
  chooseRememberedPort,
  rememberedPort,
  type RememberedPort,
} from './remembered-port.ts';
import { endProcess, runningProcess } from '../toolchain/pid-file.ts';
import { startInBackground } from '../toolchain/start-in-background.ts';
import { readTextFile, writeIfChanged } from './text-file.ts';
import { createHash } from 'node:crypto';

/** A program of this project that `npm start` leaves running, and that answers over HTTP. */
interface BackgroundService {
  /** Of its files in `folder`: `<name>.json` names its process, `<name>.log` takes what it says. */
  readonly name: string;
  readonly folder: string;
  /** A path in the checkout; the program says `http://127.0.0.1:<port>` once it listens. */
  readonly program: string;
  /** Without the port, which follows as `--port <port>`. */
  readonly args: readonly string[];
  readonly port: Omit<RememberedPort, 'file'>;
  /** Whether it answers at that port of 127.0.0.1. */
  readonly answers: (port: number) => Promise<boolean>;
}

/** A service that answers on this machine. */
export interface StartedService {
  /** `127.0.0.1:<port>`. */
  readonly address: string;
  /** Whether this call started it. */
  readonly started: boolean;
}

/**
 * The service: running already, or started now in the background, by the code in the checkout at `root`.
 * One that was started from other code, or with other arguments, is started again.
 */
export async function startService(
  root: string,
  service: BackgroundService,
): Promise<StartedService> {
  const { folder, name, args } = service;
  const origin = [...args, codeFingerprint(root), ''].join('\n');
  const known = rememberedPort(portOf(service).file);
  const isCurrent =
    runningProcess(pidFile(service)) !== undefined && readTextFile(originFile(folder)) === origin;
  if (known !== undefined && isCurrent && (await service.answers(known))) {
    return { address: `127.0.0.1:${known}`, started: false };
  }
  await endService({ folder, name });
  const port = await startAtItsPort(root, service);
  // Only now: of one that was never seen to answer, nobody knows where it comes from.
  writeIfChanged(originFile(folder), origin);
  return { address: `127.0.0.1:${port}`, started: true };
}

/** Ends the service; its files stay. Returns whether there was one. */
export async function endService(
  service: Pick<BackgroundService, 'folder' | 'name'>,
): Promise<boolean> {
  return endProcess(pidFile(service));
}

/** Returns the port. One that nobody has been told yet is exchanged when somebody else is faster. */
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
    // What answers at the port may be another sandbox's; only this one's log says that it listens.
    () => Promise.resolve(readTextFile(logFile)?.includes(`http://127.0.0.1:${port}\n`) === true),
  );
}

function portOf({ folder, port }: BackgroundService): RememberedPort {
  return { ...port, file: join(folder, 'port') };
}

function pidFile({ folder, name }: Pick<BackgroundService, 'folder' | 'name'>): string {
  return join(folder, `${name}.json`);
}

/** By which code and with which arguments the running one was started. */
function originFile(folder: string): string {
  return join(folder, 'origin');
}

/**
 * A hash of all that the sandbox's programs are made of in the checkout at `root`: the sources they
 * can import, and the versions of the packages. The same code has the same one wherever it lies.
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
