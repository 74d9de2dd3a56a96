import { lstatSync, mkdirSync, renameSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { ENGINE_VERSION, type PulumiEngine } from '../../toolchain/pulumi-engine.ts';

/** The engine's names of the plug-ins that have a stand-in, and the folders of the stand-ins. */
const FOLDERS = {
  'resource-docker': 'docker',
  'resource-gcp': 'gcp',
  'language-nodejs': 'language-host',
} as const;

/**
 * Puts a stand-in where the engine of a home folder looks for the plug-in of that version: as a
 * symlink to the executable in this checkout, so that it is always the checkout's current one. A real
 * file in its place is an official plug-in, and stays.
 */
export function installStandIn(
  pulumiHome: string,
  plugin: keyof typeof FOLDERS,
  version: string,
): void {
  const executable = `pulumi-${plugin}`;
  const folder = join(pulumiHome, 'plugins', `${plugin}-v${version}`);
  const link = join(folder, executable);
  const present = lstatSync(link, { throwIfNoEntry: false });
  if (present !== undefined && !present.isSymbolicLink()) return;
  mkdirSync(folder, { recursive: true });
  // Renamed into place, so that an engine that starts just now finds the old one or the new one.
  const beside = `${link}.${process.pid}`;
  symlinkSync(join(import.meta.dirname, FOLDERS[plugin], executable), beside);
  renameSync(beside, link);
}

/**
 * Gives the engine of a home folder a language host for Node, where the engine came without one. The
 * engine finds it there without the warning that a language host on PATH gets.
 */
export function provideLanguageHost(pulumiHome: string, engine: PulumiEngine): void {
  if (engine.languageHost === 'stand-in') {
    installStandIn(pulumiHome, 'language-nodejs', ENGINE_VERSION);
  }
}
