import { InvalidArgumentError } from 'commander';
import {
  forecastWarnings,
  formatForecastAsJson,
  formatForecastAsText,
  formatUnpublished,
} from './format-forecast.ts';
import type { ComparedVersion } from './forecast-rows.ts';
import { jsonOption, stackOption } from './options.ts';
import { parseDate } from './parse-date.ts';
import { readRegistry } from './read-registry.ts';
import { atRevision, placeAtRevision, requireSettings } from './read-stack.ts';
import { EXIT_CODES, flag, option, subcommand } from './subcommand.ts';
import { findReferences } from '../branches/find-references.ts';
import { formatVersion, withCatalog, type Need } from '../branches/references.ts';
import type { FileTree } from '../file-tree.ts';
import { cacheFolder } from '../git/cache-folder.ts';
import { commitTree } from '../git/commit-tree.ts';
import { sourceOpener } from '../git/open-source.ts';
import { workingTree } from '../git/working-tree.ts';
import { expectedCounts } from '../retention/attachments.ts';
import { forecast, type Forecast, type VersionForecast } from '../retention/forecast.ts';
import { loadRetention } from '../retention/parse-retention.ts';
import { loadTaggedImages } from '../tag/tag-catalog.ts';

/** `images retention`: what clean-ups would do with each version in the registry. */
export const retentionCommand = subcommand({
  name: 'retention',
  description: 'Forecast what the clean-up keeps and deletes in the registry, and why',
  options: {
    stack: stackOption,
    at: option('--at <date>', 'forecast for this day, such as 2027-03-01', parseForecastDay),
    against: option('--against <revision>', 'show only changes from the verdicts by that config/'),
    all: flag('--all', 'print each kept version, not one line for each reason'),
    json: jsonOption,
  },
  run: async ({ root, out, err }, { stack, at: day, against, all, json }) => {
    const tree = workingTree(root);
    const settings = requireSettings(tree, stack);
    const { catalogFile, retentionFile } = settings;
    const open = sourceOpener({ checkout: root, cache: cacheFolder() });
    /** How long versions stay and what branches need, by a tree's `config/`. */
    const rulesOf = (config: FileTree, revision?: string) => {
      const retention = atRevision(revision, () => loadRetention(config, retentionFile));
      const references = findReferences(retention, placeAtRevision(revision, retentionFile), open);
      const images = atRevision(revision, () => loadTaggedImages(config, catalogFile));
      const ofCatalog = expectedCounts(images, settings.signing !== undefined);
      const rules = { retention, references, ofCatalog };
      if (against === undefined) return rules;
      const { sources } = retention;
      return { ...rules, references: withCatalog(references, sources, catalogFile, images) };
    };
    const now = new Date();
    const at = day ?? now;
    // Before the registry: reading config/ is cheap, and may find problems.
    const rules = rulesOf(tree);
    const rulesBefore =
      against === undefined ? undefined : rulesOf(commitTree(root, against), against);
    const { versions, live, isDryRun } = await readRegistry(tree, stack, settings);
    const after = forecast({ ...rules, versions, live, now, at });
    const before = rulesBefore && forecast({ ...rulesBefore, versions, live, now, at });
    const warnings = forecastWarnings(after, isDryRun);
    for (const line of [...warnings, ...formatUnpublished(after)]) err(`${line}\n`);
    const shown = {
      forecast: before === undefined ? after : { ...after, unpublished: newNeeds(before, after) },
      versions: before === undefined ? after.versions : changedVerdicts(before, after),
      against,
      at,
      dryRun: rules.retention.dryRun,
    };
    const text =
      json === true
        ? formatForecastAsJson(shown, warnings)
        : formatForecastAsText(shown, all === true);
    out(`${text}\n`);
    return isDangerous(after, isDryRun) ? EXIT_CODES.endangered : EXIT_CODES.done;
  },
});

/** Whether a needed version is lost or would be deleted, by the new policies or by those in force. */
function isDangerous({ missing, endangered, threats }: Forecast, isDryRun: boolean): boolean {
  const isThreatened = !isDryRun && threats.some(({ needed }) => needed);
  return missing.length > 0 || endangered.length > 0 || isThreatened;
}

/** What only `after` needs of what nobody has published yet. */
function newNeeds(before: Forecast, after: Forecast): Forecast['unpublished'] {
  const nameOf = (need: Need) =>
    JSON.stringify([need.branch.source, need.branch.branch, formatVersion(need)]);
  const known = new Set(before.unpublished.map(nameOf));
  return after.unpublished.filter((need) => !known.has(nameOf(need)));
}

/** The versions of `after` whose verdict or reason differs, or takes effect at another time. */
function changedVerdicts(before: Forecast, after: Forecast): readonly ComparedVersion[] {
  return after.versions.flatMap((now, position) => {
    const old = before.versions[position];
    if (old === undefined) return now;
    const isSame =
      old.verdict === now.verdict &&
      old.goesAt?.getTime() === now.goesAt?.getTime() &&
      subjectOf(old) === subjectOf(now);
    return isSame ? [] : { ...now, before: old };
  });
}

/**
 * The most telling reason, without what a change alters that has nothing to do with the version: the line of a
 * reference, and the limits of rules.
 */
function subjectOf({ reasons: [first] }: VersionForecast): string {
  const { kind = '', text = '' } = first ?? {};
  const isNamed = ['branch', 'alias', 'attachment', 'allowed', 'index'].includes(kind);
  return isNamed ? text.replace(/ \(.*/, '') : kind;
}

/**
 * The time of a forecast: a day begins in UTC, and a time of today that has passed means now. Earlier
 * days are refused: the registry lists what it has now, not what it had then.
 */
function parseForecastDay(text: string): Date {
  const date = parseDate(text);
  if (date === undefined) {
    throw new InvalidArgumentError('Write a date such as 2027-03-01 or 2027-03-01T12:00:00Z.');
  }
  const now = new Date();
  if (date >= now) return date;
  const today = now.toISOString().slice(0, 10);
  if (date >= new Date(today)) return now;
  throw new InvalidArgumentError(`A forecast looks ahead: write today, ${today}, or a later day.`);
}
