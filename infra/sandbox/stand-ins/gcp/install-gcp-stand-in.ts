import { join } from 'node:path';
import { linkPlugIn } from '../language-host/link-plug-in.ts';

/**
 * Makes the stand-in the `gcp` plug-in of an engine's home folder, under the `version` that the
 * program asks for. An official plug-in that is there already stays.
 */
export function installGcpStandIn(pulumiHome: string, version: string): void {
  const executable = join(import.meta.dirname, 'pulumi-resource-gcp');
  linkPlugIn(executable, join(pulumiHome, 'plugins', `resource-gcp-v${version}`));
}
