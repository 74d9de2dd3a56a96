import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, onTestFinished } from 'vitest';

/** A new, empty folder, removed when the running test is over. */
export function temporaryFolder(): string {
  return folderUntil(onTestFinished);
}

/** A new, empty folder for all tests of a file, which calls this outside of tests. */
export function sharedFolder(): string {
  return folderUntil(afterAll);
}

function folderUntil(end: (remove: () => void) => void): string {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'ci-images-'));
  end(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}
