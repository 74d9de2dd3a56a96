import { existsSync, globSync, realpathSync, rmSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { cacheFolder } from '../../src/git/cache-folder.ts';
import { buildEngine } from './build-engine.ts';
import { waitForLock } from './lock.ts';
import { PrerequisiteError } from './prerequisite-error.ts';
import { isReachable } from './probe.ts';
import { findCommand, findCommands, isAtLeast, parseVersion } from './programs.ts';
import type { Progress } from './report.ts';
import { tryCommand } from './run-command.ts';
import { unpackArchive, type ArchiveOptions } from './unpack-archive.ts';

/** A Pulumi engine that can run this project. */
export interface PulumiEngine {
  /** Absolute path of the `pulumi` executable. */
  readonly command: string;
  /** Such as `v3.274.1`. */
  readonly version: string;
  /** Whether the language host for Node came with the engine, or the project's own stands in for it. */
  readonly languageHost: 'bundled' | 'stand-in';
}

/**
 * The oldest usable engine: from this one on there are `replacementTrigger`, which rebuilds an image
 * that vanished, and refresh-before-update, with which the `oci` plug-in reads the registry again.
 */
const MINIMUM_ENGINE = '3.215.0';

/** The engine that is downloaded or built where there is none. The tests run with it. */
export const ENGINE_VERSION = '3.274.1';

/** Where a pipeline has its engine. Others can write to its cache, so it runs nothing that lies there unpacked. */
interface PipelineFolders {
  /** A new folder of this run. */
  readonly engine: string;
  /** The archives in the cache, which are checked at each use. */
  readonly archives: string;
}

/**
 * Finds an engine: on PATH at a usable version, else in the user's cache, else downloads it, else
 * builds it from Go modules (minutes, once for a user or in each run of a pipeline).
 */
export async function resolveEngine(
  progress: Progress,
  pipeline?: PipelineFolders,
): Promise<PulumiEngine> {
  const installed = await engineOnPath(progress.note);
  if (installed !== undefined) return installed;
  // Outside of the checkout, so that a fresh clone doesn't download or build again.
  const folder = pipeline?.engine ?? join(cacheFolder(), `pulumi-${ENGINE_VERSION}`);
  const command = join(folder, 'bin/pulumi');
  if (!existsSync(command)) {
    const release = await waitForLock(`${folder}.lock`, (holder) => {
      progress.note(`waiting for process ${holder}, which gets the engine already`);
    });
    try {
      if (!existsSync(command)) await provideEngine(folder, pipeline?.archives, progress);
    } finally {
      release?.();
    }
  }
  return describe(command, `v${ENGINE_VERSION}`);
}

async function engineOnPath(note: (line: string) => void): Promise<PulumiEngine | undefined> {
  const command = findCommand('pulumi');
  if (command === undefined) return undefined;
  const version = await tryCommand(command, ['version'], {
    env: { ...process.env, PULUMI_SKIP_UPDATE_CHECK: 'true' },
    timeout: 30_000,
  });
  if (version !== undefined && isUsable(version)) return describe(command, version);
  note(`${command} is ${version ?? 'broken'}; version ${MINIMUM_ENGINE} or later is needed`);
  return undefined;
}

/** Whether an engine of that version can run this project. */
export function isUsable(version: string): boolean {
  const parsed = parseVersion(version);
  const minimum = parseVersion(MINIMUM_ENGINE);
  return parsed !== undefined && minimum !== undefined && isAtLeast(parsed, minimum);
}

function describe(command: string, version: string): PulumiEngine {
  // The engine looks beside itself as well as on PATH.
  const folders = [dirname(command), dirname(realpathSync(command)), process.env['PATH'] ?? ''];
  const [bundled] = findCommands('pulumi-language-nodejs', folders.join(delimiter));
  return { command, version, languageHost: bundled === undefined ? 'stand-in' : 'bundled' };
}

async function provideEngine(
  folder: string,
  archives: string | undefined,
  progress: Progress,
): Promise<void> {
  // A killed run leaves unfinished folders.
  for (const left of globSync(`${folder}.??????`)) rmSync(left, { recursive: true, force: true });
  const missing = await downloadEngine(folder, ENGINE_VERSION, progress, { archives });
  if (missing === undefined) return;
  const go = findCommand('go');
  if (go === undefined) {
    throw new PrerequisiteError(
      `no Pulumi engine: ${missing}, and there is no Go to build it with`,
      `install Pulumi ${MINIMUM_ENGINE} or later (https://www.pulumi.com/docs/install/), or Go`,
    );
  }
  const often = archives === undefined ? 'once for a user' : 'in each run without pulumi on PATH';
  progress.note(`${missing}; building it from Go modules instead: some minutes, ${often}`);
  await buildEngine(folder, ENGINE_VERSION, go, progress);
}

const RELEASES = 'https://get.pulumi.com/releases/sdk/';

/** The URL of the official engine; `platform` such as `linux-x64`. */
export function engineArchive(version: string, platform: string, releases = RELEASES): string {
  return `${releases}pulumi-v${version}-${platform}.tar.gz`;
}

/**
 * Downloads the official engine so that its executable is `folder/bin/pulumi`, as `unpackArchive` does. Returns
 * `undefined`, or why it can't be downloaded.
 */
export async function downloadEngine(
  folder: string,
  version: string,
  progress: Progress,
  options: Omit<ArchiveOptions, 'inside' | 'strip'> & { readonly releases?: string } = {},
): Promise<string | undefined> {
  const { releases = RELEASES } = options;
  if (!(await isReachable(releases))) return `${new URL(releases).host} can't be reached`;
  const url = engineArchive(version, `${process.platform}-${process.arch}`, releases);
  // The archive has everything in one folder, `pulumi`.
  return unpackArchive(url, folder, { ...options, inside: 'bin', strip: 1 }, progress);
}
