import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { PrerequisiteError } from '../toolchain/prerequisite-error.ts';

/** Many times the time that the system needs to end a program. */
const RELEASE_MS = 2000;

/** A port of 127.0.0.1 that stays the same from one start to the next. */
export interface RememberedPort {
  /** The file with its number. */
  readonly file: string;
  /** The first of 100 to choose from, below the range that systems hand out by themselves. */
  readonly first: number;
  /** What listens there, as in "its registry". */
  readonly owner: string;
  /** What follows when another one is chosen, as in "which moves it". */
  readonly consequence: string;
}

/**
 * The port to listen at: the remembered one, else the first free one, remembered from now on. The number
 * is in files of others, so a remembered port that another program has taken is an error, and no reason
 * to choose another port in silence.
 */
export async function chooseRememberedPort(port: RememberedPort): Promise<number> {
  const { file, first, owner, consequence } = port;
  const remembered = rememberedPort(file);
  if (remembered !== undefined) {
    if (await isSoonFree(remembered)) return remembered;
    throw new PrerequisiteError(
      `port ${remembered} of 127.0.0.1, where this sandbox has ${owner}, is taken`,
      `end the program that listens there; or remove ${file} to choose another, ${consequence}`,
    );
  }
  for (let chosen = first; chosen < first + 100; chosen += 1) {
    if (!(await isPortFree(chosen))) continue;
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `${chosen}\n`);
    return chosen;
  }
  throw new PrerequisiteError(
    `every port of 127.0.0.1 from ${first} to ${first + 99} is taken`,
    'end a program that listens on one of them',
  );
}

/** A killed program counts as gone a moment before its last thread releases the port. */
async function isSoonFree(port: number): Promise<boolean> {
  const deadline = Date.now() + RELEASE_MS;
  while (!(await isPortFree(port))) {
    if (Date.now() > deadline) return false;
    await sleep(50);
  }
  return true;
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

/** Whether no program listens on that TCP port of 127.0.0.1. */
export async function isPortFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch {
    return false;
  }
  server.close();
  await once(server, 'close');
  return true;
}
