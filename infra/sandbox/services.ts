import { join } from 'node:path';
import { isServing } from '../toolchain/probe.ts';
import { codeFingerprint, startService, type BackgroundService } from './background-service.ts';
import { emulatorSecret } from './secret-file.ts';
import { ACCESS_TOKEN, GOOGLE_PROJECT, REGION, REPOSITORY_ID, type Sandbox } from './sandbox.ts';

// The programs of this project that `npm start` leaves running. The registry is a foreign program (registry.ts).

const INTO_SETTINGS = "which the next `npm start` writes into the stack's settings";
const EMULATOR = '/emulator/';
const IMAGES = `projects/${GOOGLE_PROJECT}/locations/${REGION}/repositories/${REPOSITORY_ID}/dockerImages`;

interface ProjectProgram extends Pick<BackgroundService, 'name' | 'folder' | 'port' | 'path'> {
  /** A path below `infra/sandbox`. The program prints `http://127.0.0.1:<port>` once it listens. */
  readonly program: string;
  /** Without the port, which follows as `--port <port>`. */
  readonly args: readonly string[];
}

/** Starts a program by the code in the checkout at `root`; again where the code or the arguments have changed. */
function startProgram(root: string, { program, args, ...service }: ProjectProgram) {
  const file = join(root, 'infra/sandbox', program);
  return startService({
    ...service,
    origin: [...args, codeFingerprint(root), ''].join('\n'),
    commandAt: (port) =>
      Promise.resolve({ command: process.execPath, args: [file, ...args, '--port', `${port}`] }),
    // The log decides: a program that responds at the port may be another sandbox's.
    isReady: (port, log) => log.includes(`http://127.0.0.1:${port}\n`),
  });
}

/**
 * The Google API emulator of this sandbox, whose images are in `registry` (`127.0.0.1:<port>`). Its
 * state is in files, and stays when it is started again.
 */
export function startEmulator(
  { root, emulatorFolder: folder }: Pick<Sandbox, 'root' | 'emulatorFolder'>,
  registry: string,
) {
  return startProgram(root, {
    name: 'emulator',
    folder,
    program: 'emulators/google/main.ts',
    args: ['--registry', registry, '--folder', stateOf(folder)],
    // The ports above the registry's. The port is in the stack's settings, and so in the refresh's address.
    port: { first: 5100, owner: 'its Google API emulator', consequence: INTO_SETTINGS },
    path: EMULATOR,
  });
}

function stateOf(emulatorFolder: string): string {
  return join(emulatorFolder, 'state');
}

/** What the emulator's own methods take for a token. */
export function secretOfEmulator({ emulatorFolder }: Pick<Sandbox, 'emulatorFolder'>): string {
  return emulatorSecret(stateOf(emulatorFolder));
}

/** Whether an emulator responds at `127.0.0.1:<port>`. */
export async function isEmulator(port: number): Promise<boolean> {
  return isServing(port, EMULATOR);
}

/**
 * Has the emulator read the registry: a version is as old as the emulator's first look at it. Two
 * publications that it first sees at once would have no order.
 */
export async function noticeUploads(emulator: string): Promise<void> {
  const response = await fetch(`http://${emulator}/v1/${IMAGES}?pageSize=1`, {
    headers: { authorization: `Bearer ${ACCESS_TOKEN}` },
    signal: AbortSignal.timeout(60_000),
  });
  await response.body?.cancel();
}

/**
 * The GitLab emulator of this sandbox: the address at which a schedule starts pipelines, and the runner
 * of these. Its token and its pipelines' logs are in files, and stay when it is started again.
 */
export function startGitlab({ root, gitlabFolder }: Sandbox) {
  return startProgram(root, {
    name: 'gitlab',
    folder: gitlabFolder,
    program: 'emulators/gitlab/main.ts',
    args: [],
    port: { first: 5200, owner: 'its GitLab emulator', consequence: INTO_SETTINGS },
    path: '/pipelines',
  });
}

/** A server of the files in `<folder>/files`, for a distribution's server. `path` is one of the files. */
export function startUpstream({ root, upstreamFolder: folder }: Sandbox, path: string) {
  return startProgram(root, {
    name: 'upstream',
    folder,
    program: 'file-server.ts',
    args: ['--folder', join(folder, 'files')],
    port: {
      first: 5300,
      owner: "its stand-in for a distribution's server",
      consequence: "which the next `npm start` writes into the sandbox's catalog",
    },
    path,
  });
}

/** A server of the page of all images, in `<folder>/files`. */
export function startPage({ root, pageFolder: folder }: Sandbox) {
  return startProgram(root, {
    name: 'page',
    folder,
    program: 'file-server.ts',
    args: ['--folder', join(folder, 'files')],
    port: { first: 5400, owner: 'its page of all images', consequence: 'which moves the page' },
    path: '/',
  });
}
