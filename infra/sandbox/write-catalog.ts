import type { Sandbox } from './sandbox.ts';
import { readTextFile, writeIfChanged } from './write-if-changed.ts';

/** Writes the sandbox's catalog. One that has been refreshed stays, until another one is generated. */
export function writeCatalog({ catalogFile, generatedCatalog }: Sandbox, generated: string): void {
  const isThere = readTextFile(catalogFile) !== undefined;
  if (isThere && readTextFile(generatedCatalog) === generated) return;
  writeIfChanged(catalogFile, generated);
  writeIfChanged(generatedCatalog, generated);
}
