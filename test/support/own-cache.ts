import { afterAll, beforeAll } from 'vitest';
import { sharedFolder } from '../git/temporary-folder.ts';

/** An empty XDG_CACHE_HOME for all tests of a file, which calls this outside of tests: not that of whoever runs them. */
export function ownCache(): string {
  const folder = sharedFolder();
  const { XDG_CACHE_HOME: inherited } = process.env;
  beforeAll(() => {
    process.env['XDG_CACHE_HOME'] = folder;
  });
  afterAll(() => {
    if (inherited === undefined) delete process.env['XDG_CACHE_HOME'];
    else process.env['XDG_CACHE_HOME'] = inherited;
  });
  return folder;
}
