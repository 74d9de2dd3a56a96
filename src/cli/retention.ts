import process from 'node:process';
import { Command, InvalidArgumentError } from 'commander';
import { atRevision, placeAtRevision, parseStackName } from './options.ts';
import type { CliContext } from './cli-context.ts';
import { formatForecastAsJson, formatForecast, warnOfForecast } from './format-forecast.ts';
import { readRegistry } from './read-registry.ts';
import { readStackSettings } from './read-stack-settings.ts';
import { cacheFolder } from '../git/cache-folder.ts';
import { commitTree } from '../git/commit-tree.ts';
import { sourceOpener } from '../git/open-source.ts';
import { workingTree } from '../git/working-tree.ts';
import { planTags } from '../tag/plan-tags.ts';
import { InvalidInputError } from '../problem.ts';
import { findReferences } from '../branches/find-references.ts';
import { forecast, type Forecast, type VersionForecast } from '../retention/forecast.ts';
import { loadRetention } from '../retention/parse-retention.ts';
import { withCatalog } from '../branches/references.ts';
import type { Settings } from '../settings/settings.ts';
import type { FileTree } from '../file-tree.ts';

interface RetentionOptions {
  readonly stack: string;
  readonly at?: Date;
  readonly against?: string;
  readonly json?: true;
  readonly all?: true;
}

/**
 * `images retention`: what clean-ups would do with each version that the registry holds. Calls
 * `warnOfDanger` when something that a supported branch needs would be deleted or is missing.
 */
export function retentionCommand(context: CliContext, warnOfDanger: () => void): Command {
  return new Command('retention')
    .description('Forecast what the clean-up keeps and deletes in the registry, and why')
    .option('--stack <name>', 'the stack whose settings to use', parseStackName, 'prod')
    .option('--at <date>', 'look at this day instead of now, such as 2027-03-01', parseForecastDay)
    .option('--against <revision>', 'show only what has another verdict than by its config/')
    .option('--all', 'print each version that stays, not one line for each reason')
    .option('--json', 'print JSON instead of tables')
    .action(async (options: RetentionOptions) => {
      if (await retention(context, options)) warnOfDanger();
    });
}

async function retention(context: CliContext, options: RetentionOptions): Promise<boolean> {
  const { root, out, err } = context;
  const tree = workingTree(root);
  const parsed = readStackSettings(tree, options.stack);
  if (!('settings' in parsed)) throw new InvalidInputError(parsed.problems);
  const { settings } = parsed;
  const now = new Date();
  const at = options.at ?? now;
  // What is written in config/ first: it costs nothing, and may be wrong.
  const { against } = options;
  const configured = configOf(tree, settings, root, against !== undefined);
  const before =
    against === undefined
      ? undefined
      : configOf(commitTree(root, against), settings, root, true, against);
  const registry = await readRegistry(tree, options.stack, settings, process.env);
  const { versions, live } = registry;
  const after = forecast({ ...configured, versions, live, now, at });
  const shown =
    before === undefined
      ? after
      : changedVerdicts(forecast({ ...before, versions, live, now, at }), after);
  const { dryRun } = configured.retention;
  const warnings = warnOfForecast(after, registry.isDryRun);
  for (const line of warnings) err(`${line}\n`);
  const settled = { forecast: shown, at, dryRun };
  out(
    options.json === true
      ? `${formatForecastAsJson(settled, warnings)}\n`
      : `${formatForecast(settled, options.all === true)}\n`,
  );
  return isDangerous(after, registry.isDryRun);
}

/**
 * What a tree's `config/` says: how long versions stay, and what branches need. `revision` is the commit
 * that the tree is of, if it is of one.
 */
function configOf(
  tree: FileTree,
  settings: Settings,
  root: string,
  readsCatalog: boolean,
  revision?: string,
) {
  const retention = atRevision(revision, () => loadRetention(tree, settings.retention));
  const file = placeAtRevision(revision, settings.retention);
  const open = sourceOpener({ checkout: root, cache: cacheFolder() });
  const references = findReferences(retention, file, open);
  if (!readsCatalog) return { retention, references };
  const tags = atRevision(revision, () => planTags(tree, settings.catalog));
  return {
    retention,
    references: withCatalog(references, retention.sources, settings.catalog, tags),
  };
}

/** Whether something that is needed is missing or would go, by our policies or by those in force. */
function isDangerous({ missing, endangered, threats }: Forecast, isDryRun: boolean): boolean {
  const isThreatened = !isDryRun && threats.some(({ needed }) => needed);
  return missing.length > 0 || endangered.length > 0 || isThreatened;
}

/**
 * When a forecast looks: a day is its beginning in UTC, and a time of today that has passed is now. No
 * earlier day: the registry's inventory is of now, and does not tell what was there then.
 */
function parseForecastDay(text: string): Date {
  const date = new Date(text);
  const isIso = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d))?$/.test(
    text,
  );
  if (!isIso || Number.isNaN(date.getTime())) {
    throw new InvalidArgumentError('Write a date such as 2027-03-01 or 2027-03-01T12:00:00Z.');
  }
  const now = new Date();
  if (date >= now) return date;
  const today = now.toISOString().slice(0, 10);
  if (date >= new Date(today)) return now;
  throw new InvalidArgumentError(`A forecast looks ahead: write today, ${today}, or a later day.`);
}

/** What of `after` is another verdict, or comes at another time, than in `before`. */
function changedVerdicts(before: Forecast, after: Forecast): Forecast {
  const versions = after.versions.filter((version, position) =>
    isOther(before.versions[position], version),
  );
  return { ...after, versions };
}

function isOther(before: VersionForecast | undefined, after: VersionForecast): boolean {
  return before?.verdict !== after.verdict || before.goesAt?.getTime() !== after.goesAt?.getTime();
}
