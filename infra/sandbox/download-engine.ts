import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isReachable } from './is-reachable.ts';
import { CommandError, runCommand } from './run-command.ts';

/** Pulumi's own installer, the one that its Automation API runs as well. */
const INSTALLER = 'https://get.pulumi.com/install.sh';

/** For some 150 MB over a slow link. */
const DOWNLOAD_MS = 600_000;

/**
 * Installs the official engine so that its executable is `folder/bin/pulumi`. Returns why it could
 * not, or nothing; `folder` appears whole or not at all.
 */
export async function downloadEngine(
  folder: string,
  version: string,
  note: (line: string) => void,
): Promise<string | undefined> {
  if (!(await isReachable(INSTALLER))) return 'get.pulumi.com can’t be reached';
  note(`downloading Pulumi ${version}`);
  mkdirSync(dirname(folder), { recursive: true });
  const unfinished = mkdtempSync(`${folder}.`);
  try {
    const answer = await fetch(INSTALLER, { signal: AbortSignal.timeout(30_000) });
    if (!answer.ok) return `get.pulumi.com answered ${answer.status}`;
    const script = join(unfinished, 'install.sh');
    writeFileSync(script, await answer.text());
    const options = ['--no-edit-path', '--install-root', unfinished, '--version', version];
    await runCommand('/bin/sh', [script, ...options], { timeout: DOWNLOAD_MS });
    rmSync(script);
    rmSync(folder, { recursive: true, force: true });
    renameSync(unfinished, folder);
    return undefined;
  } catch (error) {
    if (error instanceof CommandError) return `Pulumi's installer failed (${error.message})`;
    if (error instanceof TypeError || error instanceof DOMException) {
      return `the download failed (${error.message})`;
    }
    throw error;
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
}
