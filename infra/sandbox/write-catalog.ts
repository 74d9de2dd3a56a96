import { pinBases } from './pin-bases.ts';
import type { Sandbox } from './sandbox.ts';
import { withoutDatedArchives } from './without-dated-archives.ts';
import { readTextFile, writeIfChanged } from './write-if-changed.ts';

/**
 * Writes the sandbox's catalog: the template with its bases pinned, and without dated archives where bases
 * were `made` here. One that has been refreshed stays, until another one would be generated.
 */
export function writeCatalog(
  { catalogFile, generatedCatalog }: Sandbox,
  template: string,
  pins: ReadonlyMap<string, string>,
  made: boolean,
): void {
  const pinned = pinBases(template, pins);
  const generated = made ? withoutDatedArchives(pinned) : pinned;
  const isThere = readTextFile(catalogFile) !== undefined;
  if (isThere && readTextFile(generatedCatalog) === generated) return;
  writeIfChanged(catalogFile, generated);
  writeIfChanged(generatedCatalog, generated);
}
