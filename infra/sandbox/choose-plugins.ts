import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import {
  downloadPlugin,
  PLUGIN_RELEASES,
  PLUGIN_VERSIONS,
  pluginFolder,
} from '../toolchain/plugins.ts';
import { isReachable } from '../toolchain/probe.ts';
import { notesTo } from '../toolchain/report.ts';
import type { Plugin, SandboxRecord } from './sandbox-record.ts';
import { installStandIn } from './stand-ins/install-stand-in.ts';

type Plugins = SandboxRecord['plugins'];

/**
 * Puts the plug-ins where the engine of this home folder looks for them: the official ones where they
 * can be downloaded, else the stand-ins. A plug-in from an earlier call stays. Calls `note` before what takes
 * time.
 */
export async function choosePlugins(
  pulumiHome: string,
  note: (line: string) => void,
  releases = PLUGIN_RELEASES,
): Promise<Plugins> {
  let isOnline: Promise<boolean> | undefined;
  const probeOnce = () => (isOnline ??= isReachable(releases));
  const choose = async (name: keyof Plugins): Promise<Plugin> => {
    const version = PLUGIN_VERSIONS[name];
    const executable = join(pluginFolder(pulumiHome, name), `pulumi-resource-${name}`);
    const present = lstatSync(executable, { throwIfNoEntry: false });
    // A stand-in is a symlink into a checkout.
    if (present?.isSymbolicLink() === false) return { kind: 'official', version };
    if (present === undefined && (await probeOnce())) {
      const missing = await downloadPlugin(pulumiHome, name, notesTo(note), { releases });
      if (missing === undefined) return { kind: 'official', version };
      note(`${missing}: the project's own stands in for it`);
    }
    // Anew each time, since the stand-in is part of this checkout.
    installStandIn(pulumiHome, `resource-${name}`, version);
    return { kind: 'stand-in', version };
  };
  return { docker: await choose('docker'), gcp: await choose('gcp') };
}
