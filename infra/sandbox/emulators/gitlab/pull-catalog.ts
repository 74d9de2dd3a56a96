import { relative } from 'node:path';
import { readFromMain, readFromProject } from './project-repository.ts';
import type { Sandbox } from '../../sandbox.ts';
import { readTextFile, writeIfChanged } from '../../write-if-changed.ts';

/**
 * Gives the checkout the catalog that `main` has, as if somebody had pulled; `since` is the commit that a
 * pipeline ran on. As a pull does, it leaves one alone that somebody has changed, and returns false if
 * `main` has changed too.
 */
export async function pullCatalog(
  { root, project, catalogFile }: Sandbox,
  since: string,
): Promise<boolean> {
  const path = relative(root, catalogFile);
  const [before, after] = await Promise.all([
    readFromProject(project, since, path),
    readFromMain(project, path),
  ]);
  if (after === undefined || after === before) return true;
  const mine = readTextFile(catalogFile);
  if (mine !== before && mine !== after) return false;
  writeIfChanged(catalogFile, after);
  return true;
}
