import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from '../../src/git/cache-folder.ts';
import { waitForLock } from '../toolchain/lock.ts';

/**
 * The path of the file `<name>-<key>` in a folder that all processes of a user share: made by an earlier call,
 * or now by `make`. Files of that name with another key are removed then. An unfinished file never has that
 * path, and one process at a time makes files of a name. Calls `onWait` with the number of the process that does.
 */
export async function cachedFile(
  { name, key, folder }: { readonly name: string; readonly key: string; readonly folder: string },
  make: (file: string) => Promise<void>,
  onWait?: (holder: number) => void,
): Promise<string> {
  const shared = join(cacheFolder(), folder);
  const file = join(shared, `${name}-${key}`);
  if (existsSync(file)) return file;
  mkdirSync(shared, { recursive: true });
  const release = await waitForLock(join(shared, `${name}.lock`), onWait);
  try {
    if (existsSync(file)) return file;
    for (const old of readdirSync(shared)) {
      if (old.startsWith(`${name}-`)) rmSync(join(shared, old), { recursive: true, force: true });
    }
    const unfinished = `${file}.unfinished`;
    await make(unfinished);
    renameSync(unfinished, file);
    return file;
  } finally {
    release?.();
  }
}
