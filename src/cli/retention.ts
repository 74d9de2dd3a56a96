import process from 'node:process';
import { Command, InvalidArgumentError } from 'commander';
import { forecastWarnings, formatForecastAsJson, formatForecastAsText } from './format-forecast.ts';
import { parseStackName } from './options.ts';
import { readRegistry } from './read-registry.ts';
import { atRevision, placeAtRevision, requireStackSettings } from './read-stack-settings.ts';
import { EXIT_CODES, type CliContext, type ExitCode, type Subcommand } from './subcommand.ts';
import { findReferences } from '../branches/find-references.ts';
import { withCatalog } from '../branches/references.ts';
import type { FileTree } from '../file-tree.ts';
import { cacheFolder } from '../git/cache-folder.ts';
import { commitTree } from '../git/commit-tree.ts';
import { sourceOpener } from '../git/open-source.ts';
import { workingTree } from '../git/working-tree.ts';
import { forecast, type Forecast } from '../retention/forecast.ts';
import { loadRetention } from '../retention/parse-retention.ts';
import type { Settings } from '../settings/settings.ts';
import { planTags } from '../tag/tag-catalog.ts';

interface RetentionOptions {
  readonly stack: string;
  readonly at?: Date;
  readonly against?: string;
  readonly json?: true;
  readonly all?: true;
}

/** `images retention`: what clean-ups would do with each version in the registry. */
export function retentionCommand(context: CliContext): Subcommand {
  const command = new Command('retention')
    .description('Forecast what the clean-up keeps and deletes in the registry, and why')
    .option('--stack <name>', 'the stack whose settings to use', parseStackName, 'prod')
    .option('--at <date>', 'forecast for this day, such as 2027-03-01', parseForecastDay)
    .option('--against <revision>', 'show only changes from the verdicts by that config/')
    .option('--all', 'print each kept version, not one line for each reason')
    .option('--json', 'print JSON instead of tables');
  return { command, run: () => retention(context, command.opts<RetentionOptions>()) };
}

async function retention(context: CliContext, options: RetentionOptions): Promise<ExitCode> {
  const { root, out, err } = context;
  const { stack, against, json, all } = options;
  const tree = workingTree(root);
  const settings = requireStackSettings(tree, stack);
  const now = new Date();
  const at = options.at ?? now;
  // Before the registry: reading config/ is cheap, and may find problems.
  const rules = rulesOf(tree, settings, root, against !== undefined);
  const rulesBefore =
    against === undefined
      ? undefined
      : rulesOf(commitTree(root, against), settings, root, true, against);
  const { versions, live, isDryRun } = await readRegistry(tree, stack, settings, process.env);
  const after = forecast({ ...rules, versions, live, now, at });
  const before = rulesBefore && forecast({ ...rulesBefore, versions, live, now, at });
  const warnings = forecastWarnings(after, isDryRun);
  for (const line of warnings) err(`${line}\n`);
  const shown = {
    forecast: before === undefined ? after : changedVerdicts(before, after),
    at,
    dryRun: rules.retention.dryRun,
  };
  const text =
    json === true
      ? formatForecastAsJson(shown, warnings)
      : formatForecastAsText(shown, all === true);
  out(`${text}\n`);
  return isDangerous(after, isDryRun) ? EXIT_CODES.endangered : EXIT_CODES.done;
}

/**
 * The rules of a tree's `config/`: how long versions stay, and what branches need. `revision` names the
 * commit of the tree, for messages.
 */
function rulesOf(
  tree: FileTree,
  settings: Settings,
  root: string,
  readsCatalog: boolean,
  revision?: string,
) {
  const retention = atRevision(revision, () => loadRetention(tree, settings.retentionFile));
  const file = placeAtRevision(revision, settings.retentionFile);
  const open = sourceOpener({ checkout: root, cache: cacheFolder() });
  const references = findReferences(retention, file, open);
  if (!readsCatalog) return { retention, references };
  const tags = atRevision(revision, () => planTags(tree, settings.catalogFile));
  return {
    retention,
    references: withCatalog(references, retention.sources, settings.catalogFile, tags),
  };
}

/** Whether a needed version is missing or would be deleted, by the new policies or by those in force. */
function isDangerous({ missing, endangered, threats }: Forecast, isDryRun: boolean): boolean {
  const isThreatened = !isDryRun && threats.some(({ needed }) => needed);
  return missing.length > 0 || endangered.length > 0 || isThreatened;
}

/** `after` with only the versions whose verdict differs, or takes effect at another time. */
function changedVerdicts(before: Forecast, after: Forecast): Forecast {
  const versions = after.versions.filter(({ verdict, goesAt }, position) => {
    const old = before.versions[position];
    return old?.verdict !== verdict || old.goesAt?.getTime() !== goesAt?.getTime();
  });
  return { ...after, versions };
}

/**
 * The time of a forecast: a day begins in UTC, and a time of today that has passed means now. Earlier
 * days are refused: the registry lists what it has now, not what it had then.
 */
function parseForecastDay(text: string): Date {
  const isIso = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d))?$/.test(
    text,
  );
  const date = new Date(text);
  if (!isIso || Number.isNaN(date.getTime())) {
    throw new InvalidArgumentError('Write a date such as 2027-03-01 or 2027-03-01T12:00:00Z.');
  }
  const now = new Date();
  if (date >= now) return date;
  const today = now.toISOString().slice(0, 10);
  if (date >= new Date(today)) return now;
  throw new InvalidArgumentError(`A forecast looks ahead: write today, ${today}, or a later day.`);
}
