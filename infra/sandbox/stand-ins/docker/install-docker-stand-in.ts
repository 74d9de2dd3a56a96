import { join } from 'node:path';
import { linkPlugIn } from '../language-host/link-plug-in.ts';

/**
 * Makes the stand-in the `docker` plug-in of an engine's home folder, under the `version` that the
 * program asks for. An official plug-in that is there already stays.
 */
export function installDockerStandIn(pulumiHome: string, version: string): void {
  const executable = join(import.meta.dirname, 'pulumi-resource-docker');
  linkPlugIn(executable, join(pulumiHome, 'plugins', `resource-docker-v${version}`));
}
