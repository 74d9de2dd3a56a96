import { isReachable } from '../../infra/toolchain/is-reachable.ts';
import { findRootFileSystemMaker } from '../../infra/sandbox/make-base-image.ts';
import { docker } from './docker-cli.ts';

const DOCKER_HUB = 'https://registry-1.docker.io/v2/';

/**
 * Gives the Docker Engine a real Debian base image, named `reference`: Docker Hub's where that can be
 * reached, otherwise one that is made from Debian's packages, which takes half a minute once a day.
 */
export async function provideDebianBase(suite: string, reference: string): Promise<void> {
  if (await isReachable(DOCKER_HUB)) {
    const upstream = `docker.io/library/debian:${suite}-slim`;
    await docker('pull', '--quiet', upstream);
    await docker('tag', upstream, reference);
    return;
  }
  const make = await findRootFileSystemMaker((line) => {
    console.error(`engine tests: ${line}`);
  });
  await docker('import', await make(suite), reference);
}
