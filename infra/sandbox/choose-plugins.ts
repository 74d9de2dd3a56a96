import { existsSync, lstatSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import dockerPackage from '@pulumi/docker/package.json' with { type: 'json' };
import gcpPackage from '@pulumi/gcp/package.json' with { type: 'json' };
import { isReachable } from '../toolchain/probe.ts';
import type { PulumiEngine } from '../toolchain/pulumi-engine.ts';
import { tryCommand } from '../toolchain/run-command.ts';
import type { Plugin, SandboxRecord } from './sandbox-record.ts';
import { installStandIn } from './stand-ins/install-stand-in.ts';

type Plugins = SandboxRecord['plugins'];

const DOWNLOADS = 'https://get.pulumi.com/releases/plugins/';

/** The plug-ins that the program needs, in the versions of their SDKs. `downloadMs` is for a slow link. */
const PLUGINS = {
  docker: { version: dockerPackage.version, size: 'some 20 MB', downloadMs: 180_000 },
  gcp: { version: gcpPackage.version, size: 'more than 100 MB', downloadMs: 900_000 },
} as const;

/**
 * Puts the plug-ins where the engine of this home folder looks for them: the official ones where they
 * can be downloaded, else the stand-ins. A plug-in from an earlier call stays. Calls `note` before what takes
 * time.
 */
export async function choosePlugins(
  pulumiHome: string,
  { command }: Pick<PulumiEngine, 'command'>,
  note: (line: string) => void,
  canDownload = () => isReachable(DOWNLOADS),
): Promise<Plugins> {
  let isOnline: Promise<boolean> | undefined;
  const probeOnce = () => (isOnline ??= canDownload());
  const env = { ...process.env, PULUMI_HOME: pulumiHome, PULUMI_SKIP_UPDATE_CHECK: 'true' };
  const choose = async (name: keyof Plugins): Promise<Plugin> => {
    const { version, size, downloadMs } = PLUGINS[name];
    const folder = join(pulumiHome, 'plugins', `resource-${name}-v${version}`);
    // The engine's mark beside a plug-in that is not wholly unpacked, and that it would take for a whole one.
    const mark = `${folder}.partial`;
    const clear = () => {
      for (const path of [folder, mark]) rmSync(path, { recursive: true, force: true });
    };
    if (existsSync(mark)) clear();
    const executable = join(folder, `pulumi-resource-${name}`);
    const present = lstatSync(executable, { throwIfNoEntry: false });
    // A stand-in is a symlink into a checkout.
    if (present?.isSymbolicLink() === false) return { kind: 'official', version };
    if (present === undefined && (await probeOnce())) {
      note(`downloading the ${name} plug-in, ${size}`);
      const install = ['plugin', 'install', 'resource', name, version];
      const output = await tryCommand(command, install, { env, timeout: downloadMs });
      if (output !== undefined) return { kind: 'official', version };
      clear();
      note("it could not be downloaded: the project's own stands in for it");
    }
    // Anew each time, since the stand-in is part of this checkout.
    installStandIn(pulumiHome, `resource-${name}`, version);
    return { kind: 'stand-in', version };
  };
  return { docker: await choose('docker'), gcp: await choose('gcp') };
}
