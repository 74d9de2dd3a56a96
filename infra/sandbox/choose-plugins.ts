import { existsSync, lstatSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { installStandIn } from './stand-ins/install-stand-in.ts';
import { isReachable } from '../toolchain/probe.ts';
import type { PulumiEngine } from '../toolchain/pulumi-engine.ts';
import { tryCommand } from '../toolchain/run-command.ts';
import type { Plugin, SandboxRecord } from './sandbox-record.ts';

type Plugins = SandboxRecord['plugins'];
type PluginName = keyof Plugins;

const DOWNLOADS = 'https://get.pulumi.com/releases/plugins/';

/** `downloadMs` is for a slow link. */
const PLUGINS = {
  docker: { size: 'some 20 MB', downloadMs: 180_000 },
  gcp: { size: 'more than 100 MB', downloadMs: 900_000 },
} as const;

const PackageFile = z.object({
  dependencies: z.object({ '@pulumi/docker': z.string(), '@pulumi/gcp': z.string() }),
});

/** The version of a plug-in that the program needs: that of its SDK. */
export function pluginVersion(root: string, name: PluginName): string {
  const text = readFileSync(join(root, 'package.json'), 'utf8');
  return PackageFile.parse(JSON.parse(text)).dependencies[`@pulumi/${name}`];
}

/**
 * Puts the plug-ins where the engine of this home folder looks for them: the official ones where they
 * can be downloaded, else the stand-ins. A plug-in from an earlier call stays. Calls `note` before what takes
 * time.
 */
export async function choosePlugins(
  root: string,
  pulumiHome: string,
  engine: Pick<PulumiEngine, 'command'>,
  note: (line: string) => void,
  canDownload = () => isReachable(DOWNLOADS),
): Promise<Plugins> {
  let isOnline: Promise<boolean> | undefined;
  const probeOnce = () => (isOnline ??= canDownload());
  const choose = async (name: PluginName): Promise<Plugin> => {
    const version = pluginVersion(root, name);
    const present = presentKind(pulumiHome, name, version);
    if (present === 'official') return { kind: present, version };
    if (present === undefined && (await probeOnce())) {
      note(`downloading the ${name} plug-in, ${PLUGINS[name].size}`);
      if (await download(pulumiHome, engine, name, version)) return { kind: 'official', version };
      note("it could not be downloaded: the project's own stands in for it");
    }
    // Anew each time, since the stand-in is part of this checkout.
    installStandIn(pulumiHome, `resource-${name}`, version);
    return { kind: 'stand-in', version };
  };
  return { docker: await choose('docker'), gcp: await choose('gcp') };
}

/** The kind of the present plug-in, after the incomplete download of a killed engine is removed. */
function presentKind(
  pulumiHome: string,
  name: PluginName,
  version: string,
): Plugin['kind'] | undefined {
  const folder = pluginFolder(pulumiHome, name, version);
  if (existsSync(unfinishedMark(folder))) clear(folder);
  const executable = join(folder, `pulumi-resource-${name}`);
  const found = lstatSync(executable, { throwIfNoEntry: false });
  // A stand-in is a symlink into a checkout.
  return found && (found.isSymbolicLink() ? 'stand-in' : 'official');
}

async function download(
  pulumiHome: string,
  { command }: Pick<PulumiEngine, 'command'>,
  name: PluginName,
  version: string,
): Promise<boolean> {
  const env = { ...process.env, PULUMI_HOME: pulumiHome, PULUMI_SKIP_UPDATE_CHECK: 'true' };
  const install = ['plugin', 'install', 'resource', name, version];
  const timeout = PLUGINS[name].downloadMs;
  if ((await tryCommand(command, install, { env, timeout })) !== undefined) return true;
  // The engine would take an incomplete one for the official plug-in.
  clear(pluginFolder(pulumiHome, name, version));
  return false;
}

function clear(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  rmSync(unfinishedMark(folder), { force: true });
}

function pluginFolder(pulumiHome: string, name: PluginName, version: string): string {
  return join(pulumiHome, 'plugins', `resource-${name}-v${version}`);
}

/** The engine's mark beside a plug-in that is not wholly unpacked. */
function unfinishedMark(folder: string): string {
  return `${folder}.partial`;
}
