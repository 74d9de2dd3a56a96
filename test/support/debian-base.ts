import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isReachable } from '../../infra/sandbox/is-reachable.ts';
import { findRootFileSystemMaker } from '../../infra/sandbox/make-base-image.ts';
import { docker } from './docker-cli.ts';

const DOCKER_HUB = 'https://registry-1.docker.io/v2/';

/**
 * Gives the Docker Engine a real Debian base image, named `reference`: Docker Hub's where that can be
 * reached, otherwise one that is made from Debian's packages, which takes about a minute.
 */
export async function provideDebianBase(suite: string, reference: string): Promise<void> {
  if (await isReachable(DOCKER_HUB)) {
    const upstream = `docker.io/library/debian:${suite}-slim`;
    await docker('pull', '--quiet', upstream);
    await docker('tag', upstream, reference);
    return;
  }
  const folder = mkdtempSync(join(tmpdir(), 'debian-base-'));
  try {
    const make = await findRootFileSystemMaker((line) => {
      console.error(`engine tests: ${line}`);
    });
    const archive = join(folder, 'root.tar');
    await make(suite, archive);
    await docker('import', archive, reference);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
