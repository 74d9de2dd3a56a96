import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { installDockerStandIn } from './docker-plugin/install-docker-stand-in.ts';
import { isReachable } from './is-reachable.ts';
import type { PulumiEngine } from './pulumi-engine.ts';
import { tryCommand } from './run-command.ts';
import type { SandboxRecord } from './sandbox-record.ts';

type DockerPlugin = SandboxRecord['dockerPlugin'];

const DOWNLOADS = 'https://get.pulumi.com/releases/plugins/';

/** For some 20 MB over a slow link. */
const DOWNLOAD_MS = 180_000;

const PackageFile = z.object({ dependencies: z.object({ '@pulumi/docker': z.string() }) });

/** The version of the docker plug-in that the program asks for: that of its SDK. */
export function dockerPluginVersion(root: string): string {
  const text = readFileSync(join(root, 'package.json'), 'utf8');
  return PackageFile.parse(JSON.parse(text)).dependencies['@pulumi/docker'];
}

/**
 * Puts a docker plug-in where the engine looks for it: the official one where it can be downloaded,
 * else the stand-in. `previous` is what the last `npm start` chose: an official one stays.
 */
export async function chooseDockerPlugin(
  root: string,
  pulumiHome: string,
  engine: PulumiEngine,
  previous: DockerPlugin | undefined,
): Promise<DockerPlugin> {
  const version = dockerPluginVersion(root);
  const folder = join(pulumiHome, 'plugins', `resource-docker-v${version}`);
  if (previous?.version === version && existsSync(folder)) {
    if (previous.kind === 'official') return previous;
    // Anew each time, since the stand-in is part of this checkout.
    installDockerStandIn(pulumiHome, version);
    return previous;
  }
  if (await downloadOfficial(pulumiHome, engine, version)) return { kind: 'official', version };
  installDockerStandIn(pulumiHome, version);
  return { kind: 'stand-in', version };
}

async function downloadOfficial(pulumiHome: string, engine: PulumiEngine, version: string) {
  if (!(await isReachable(DOWNLOADS))) return false;
  const install = ['plugin', 'install', 'resource', 'docker', version];
  const env = { ...process.env, PULUMI_HOME: pulumiHome, PULUMI_SKIP_UPDATE_CHECK: 'true' };
  return (await tryCommand(engine.command, install, { env, timeout: DOWNLOAD_MS })) !== undefined;
}
