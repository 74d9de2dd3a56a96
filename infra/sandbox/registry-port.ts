import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { firstFreePort, isPortFree } from './free-port.ts';
import { PrerequisiteError } from './prerequisite-error.ts';

/** The usual port of a local registry; below the range that systems hand out by themselves. */
const DEFAULT_PORT = 5000;
const LAST_PORT = 5099;

/**
 * The port to start the registry at: the one that `file` remembers, else the first free one from
 * 5000 on, remembered from now on. It is part of every image reference, so a remembered port that
 * somebody else has taken in the meantime is an error and never exchanged in silence.
 */
export async function chooseRegistryPort(file: string): Promise<number> {
  const remembered = rememberedPort(file);
  if (remembered !== undefined) {
    if (await isPortFree(remembered)) return remembered;
    throw new PrerequisiteError(
      `port ${remembered} of 127.0.0.1, where this sandbox has its registry, is taken`,
      `end the program that listens there; or remove ${file} to move the registry, which publishes every image anew`,
    );
  }
  const port = await firstFreePort(DEFAULT_PORT, LAST_PORT);
  if (port === undefined) {
    throw new PrerequisiteError(
      `every port of 127.0.0.1 from ${DEFAULT_PORT} to ${LAST_PORT} is taken`,
      'end a program that listens on one of them',
    );
  }
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${port}\n`);
  return port;
}

/** The port that `file` remembers, if any. */
export function rememberedPort(file: string): number | undefined {
  try {
    const port = Number(readFileSync(file, 'utf8').trim());
    return Number.isInteger(port) && port > 0 && port < 65_536 ? port : undefined;
  } catch {
    return undefined;
  }
}
