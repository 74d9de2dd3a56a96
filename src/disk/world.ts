import { statfs } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';

/** The world that disks are made in. */
export interface World {
  /** Ends whatever is under way. */
  readonly signal: AbortSignal | undefined;
  /** Waits for so many milliseconds. */
  readonly sleep: (milliseconds: number) => Promise<void>;
  /** Milliseconds in which a server may send nothing. */
  readonly idleTimeout: number;
  /** Bytes that can still be written to the file system of a folder. */
  readonly freeSpace: (folder: string) => Promise<number>;
  /** Hears what takes time. */
  readonly note: (line: string) => void;
}

/** The real one, but for what is given. */
export function realWorld(given: Partial<World> = {}): World {
  const { signal } = given;
  return {
    signal,
    sleep: (milliseconds) => pause(milliseconds, undefined, signal === undefined ? {} : { signal }),
    idleTimeout: 60_000,
    freeSpace: async (folder) => {
      const { bavail, bsize } = await statfs(folder);
      return bavail * bsize;
    },
    note: () => undefined,
    ...given,
  };
}
