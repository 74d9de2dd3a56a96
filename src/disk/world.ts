import { statfs } from 'node:fs/promises';
import type { RetryOptions } from '../http/retry.ts';

/** The world that disks are made in. */
export interface World {
  readonly signal: AbortSignal | undefined;
  readonly sleep?: RetryOptions['sleep'];
  /** Milliseconds in which a server may send nothing. */
  readonly idleTimeout: number;
  /** Milliseconds that one download may take, with all its tries. */
  readonly longestDownload: number;
  /** Bytes that a download may have. */
  readonly largestDownload: number;
  /** Bytes that can still be written to the file system of a folder. */
  readonly freeSpace: (folder: string) => Promise<number>;
  /** Removes what is kept for later runs, until it had so many bytes. */
  readonly makeRoom?: (bytes: number) => Promise<void>;
  /** Gets a line for each step that takes time. */
  readonly note: (line: string) => void;
}

/** The real world, except for the parts in `given`. */
export function realWorld(given: Partial<World> = {}): World {
  return {
    signal: undefined,
    idleTimeout: 60_000,
    longestDownload: 2 * 3_600_000,
    // Ten times what the largest disk of a distribution has.
    largestDownload: 20_000_000_000,
    freeSpace,
    note: () => undefined,
    ...given,
  };
}

/** Bytes that can still be written to the file system of a folder. */
export async function freeSpace(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}
