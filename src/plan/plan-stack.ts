import { planCatalog, type CatalogPlan } from './plan-catalog.ts';
import { collectProblems, InvalidInputError, type Problem } from '../problem.ts';
import { loadRetention } from '../retention/parse-retention.ts';
import { type Retention, unknownImages } from '../retention/retention.ts';
import type { ParsedSettings } from '../settings/parse-settings.ts';
import type { FileTree } from '../file-tree.ts';

/** All that a stack declares: what it publishes and where, and how long versions stay. */
export interface StackPlan extends CatalogPlan {
  readonly retention: Retention;
  /** Things that may be mistakes, a line each. */
  readonly warnings: readonly string[];
}

/**
 * Plans a stack from its settings and the checkout. Throws one InvalidInputError with everything that
 * is wrong with the settings, the catalog (see `planCatalog`, also for `catalog`) and the retention file.
 */
export function planStack(tree: FileTree, parsed: ParsedSettings, catalog?: string): StackPlan {
  const problems: Problem[] = [];
  const plan = collectProblems(problems, () => planCatalog(tree, parsed, catalog));
  const file = 'settings' in parsed ? parsed.settings.retentionFile : parsed.retentionFile;
  const retention =
    file === undefined ? undefined : collectProblems(problems, () => loadRetention(tree, file));
  if (plan === undefined || retention === undefined) throw new InvalidInputError(problems);
  const names = plan.images.map(({ name }) => name);
  const warnings = unknownImages(retention, names).map(
    (image) =>
      `${file ?? ''}: allow names ${image}, which is not in the catalog: misspelled, or gone from it`,
  );
  return { ...plan, retention, warnings };
}
