import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { PrerequisiteError } from '../toolchain/prerequisite-error.ts';
import { createServer } from 'node:net';

/** Many times what the system needs to end a program. */
const RELEASE_MS = 2000;

/** A port of 127.0.0.1 that stays the same from one start to the next. */
export interface RememberedPort {
  /** Where it is remembered. */
  readonly file: string;
  /** The first and the last one to choose from, below the range that systems hand out by themselves. */
  readonly first: number;
  readonly last: number;
  /** What listens there, as in "its registry". */
  readonly owner: string;
  /** What follows when another one is chosen, as in "which moves it". */
  readonly consequence: string;
}

/**
 * The port to listen at: the one that is remembered, else the first free one, remembered from now
 * on. It is part of what others wrote down, so a remembered port that somebody else has taken in the
 * meantime is an error and never exchanged in silence.
 */
export async function chooseRememberedPort(port: RememberedPort): Promise<number> {
  const { file, first, last, owner, consequence } = port;
  const remembered = rememberedPort(file);
  if (remembered !== undefined) {
    if (await isSoonFree(remembered)) return remembered;
    throw new PrerequisiteError(
      `port ${remembered} of 127.0.0.1, where this sandbox has ${owner}, is taken`,
      `end the program that listens there; or remove ${file} to choose another, ${consequence}`,
    );
  }
  const chosen = await firstFreePort(first, last);
  if (chosen === undefined) {
    throw new PrerequisiteError(
      `every port of 127.0.0.1 from ${first} to ${last} is taken`,
      'end a program that listens on one of them',
    );
  }
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${chosen}\n`);
  return chosen;
}

/** A program that was killed counts as gone a moment before the last of its threads gives its port back. */
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

/** Whether nobody listens on that TCP port of 127.0.0.1. */
export async function isPortFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => {
      resolve(false);
    });
    server.listen(port, '127.0.0.1', () => {
      server.close(() => {
        resolve(true);
      });
    });
  });
}

/** The first free port of 127.0.0.1 in `from` to `to` inclusive; `undefined` when all are taken. */
export async function firstFreePort(from: number, to: number): Promise<number | undefined> {
  for (let port = from; port <= to; port++) {
    if (await isPortFree(port)) return port;
  }
  return undefined;
}
