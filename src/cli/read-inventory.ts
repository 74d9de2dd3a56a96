import { resolve } from 'node:path';
import type { Inventory, Rules } from './forecast-for.ts';
import { JOURNAL, readPlain } from './read-plain.ts';
import { openByLogin, readRegistry } from './read-registry.ts';
import type { FileTree } from '../file-tree.ts';
import type { Settings } from '../settings/settings.ts';

/**
 * What the stack's registry holds, whether its clean-up only logs, and which of its policies can't be evaluated. Throws a
 * RegistryError.
 */
export async function readInventoryOf(
  tree: FileTree,
  stack: string,
  settings: Settings,
  rules: Rules,
  root: string,
): Promise<Inventory & { readonly isDryRun: boolean }> {
  const { kind } = settings.destination;
  if (kind !== 'plain') return { kind, ...(await readRegistry(tree, stack, settings)) };
  const client = await openByLogin(settings.registry);
  const found = await readPlain(client, settings, rules, resolve(root, JOURNAL));
  return { kind, ...found, isDryRun: rules.retention.dryRun };
}
