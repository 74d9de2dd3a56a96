import { existsSync } from 'node:fs';
import { join } from 'node:path';
import dockerPackage from '@pulumi/docker/package.json' with { type: 'json' };
import gcpPackage from '@pulumi/gcp/package.json' with { type: 'json' };
import { PrerequisiteError } from './prerequisite-error.ts';
import type { Progress } from './report.ts';
import { unpackArchive, type ArchiveOptions } from './unpack-archive.ts';

export const PLUGIN_RELEASES = 'https://get.pulumi.com/releases/plugins/';

export type PluginName = 'docker' | 'gcp';

/** The official plug-ins that the program needs, in the versions of their SDKs. */
export const PLUGIN_VERSIONS: Readonly<Record<PluginName, string>> = {
  docker: dockerPackage.version,
  gcp: gcpPackage.version,
};

/** The URL of an official plug-in; `platform` such as `linux-amd64`. */
export function pluginArchive(
  name: PluginName,
  platform: string,
  releases = PLUGIN_RELEASES,
): string {
  return `${releases}pulumi-resource-${name}-v${PLUGIN_VERSIONS[name]}-${platform}.tar.gz`;
}

/** Where the engine of a home folder looks for a plug-in. */
export function pluginFolder(pulumiHome: string, name: PluginName): string {
  return join(pulumiHome, 'plugins', `resource-${name}-v${PLUGIN_VERSIONS[name]}`);
}

type PluginOptions = ArchiveOptions & { readonly releases?: string };

/** Downloads an official plug-in as `unpackArchive` does. Returns why it can't be downloaded. */
export async function downloadPlugin(
  pulumiHome: string,
  name: PluginName,
  progress: Progress,
  options: PluginOptions = {},
): Promise<string | undefined> {
  const architecture = process.arch === 'x64' ? 'amd64' : process.arch;
  const url = pluginArchive(name, `${process.platform}-${architecture}`, options.releases);
  return unpackArchive(url, pluginFolder(pulumiHome, name), options, progress);
}

/** Downloads those of the plug-ins that a home folder lacks. Throws a PrerequisiteError. */
export async function providePlugins(
  pulumiHome: string,
  names: readonly PluginName[],
  options: PluginOptions,
  progress: Progress,
): Promise<void> {
  for (const name of names) {
    if (existsSync(pluginFolder(pulumiHome, name))) continue;
    const missing = await downloadPlugin(pulumiHome, name, progress, options);
    if (missing === undefined) continue;
    const install = `pulumi plugin install resource ${name} ${PLUGIN_VERSIONS[name]}`;
    // A run with an identity does not look into the user's own home folder.
    const remedy = `let the machine reach it; or install it where no merge request can write, and set PULUMI_HOME to that folder: PULUMI_HOME=<folder> ${install}`;
    throw new PrerequisiteError(`no ${name} plug-in: ${missing}`, remedy);
  }
}
