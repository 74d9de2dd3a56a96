import { join } from 'node:path';
import { ENGINE_VERSION, type PulumiEngine } from '../../../toolchain/pulumi-engine.ts';
import { linkPlugIn } from './link-plug-in.ts';

/**
 * Makes the language host known to the engine of a home folder, which finds it there without the
 * warning that one on PATH gets. Takes second place to an official one on PATH or beside the engine.
 */
export function installLanguageHost(pulumiHome: string, version: string): void {
  const executable = join(import.meta.dirname, 'pulumi-language-nodejs');
  linkPlugIn(executable, join(pulumiHome, 'plugins', `language-nodejs-v${version}`));
}

/** Gives the engine of this home folder a language host for Node, where it came without one. */
export function provideLanguageHost(pulumiHome: string, engine: PulumiEngine): void {
  if (engine.languageHost === 'stand-in') installLanguageHost(pulumiHome, ENGINE_VERSION);
}
