import { createRequire } from 'node:module';
import type { Plugin } from '../../../oci/protocol/resource-type.ts';
import { checkDaemonSettings, daemonVariables, pingDaemon } from './daemon.ts';
import { imageResource } from './image-resource.ts';
import type { RunDocker } from './run-docker.ts';

/**
 * Stands in for the official `docker` plug-in where that can't be downloaded: `docker.Image` only,
 * built and pushed by the real Docker Engine through the `docker` command. The program can't tell
 * which of the two it has.
 */
export function createDockerStandIn(run: RunDocker): Plugin {
  let daemon: Readonly<Record<string, string>> = {};
  return {
    name: 'docker',
    version: officialVersion(),
    checkConfig: checkDaemonSettings,
    async configure(settings) {
      daemon = daemonVariables(settings);
      const unchecked = settings['disableDockerDaemonCheck'];
      if (unchecked !== true && unchecked !== 'true') await pingDaemon(run, daemon);
    },
    resources: { 'docker:index/image:Image': imageResource(run, () => daemon) },
  };
}

/** The version of the SDK that the program is written against, whose contract is kept here. */
function officialVersion(): string {
  const { version } = createRequire(import.meta.url)('@pulumi/docker/package.json') as {
    version: string;
  };
  return version;
}
