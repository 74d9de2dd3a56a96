import {
  forecastWarnings,
  formatForecastAsJson,
  formatForecastAsText,
  formatProposalOf,
  formatUnpublished,
  type PolicyFormat,
} from './format-forecast.ts';
import { forecastFor, isDangerous, type Rules } from './forecast-for.ts';
import { dayOption, jsonOption, stackOption } from './options.ts';
import { readInventoryOf } from './read-inventory.ts';
import { atRevision, placeAtRevision, requireSettings } from './read-stack.ts';
import { EXIT_CODES, flag, option, subcommand } from './subcommand.ts';
import { findReferences } from '../branches/find-references.ts';
import { formatVersion, withCatalog, type Need } from '../branches/references.ts';
import type { FileTree } from '../file-tree.ts';
import { commitTree } from '../git/commit-tree.ts';
import { sourceOpener } from '../git/open-source.ts';
import { workingTree } from '../git/working-tree.ts';
import { inputError, type InvalidInputError } from '../problem.ts';
import type { ComparedVersion } from '../retention/forecast-rows.ts';
import type { Forecast, VersionForecast } from '../retention/forecast.ts';
import { loadRetention } from '../retention/parse-retention.ts';
import { loadTaggedImages } from '../tag/tag-catalog.ts';

/** `images retention`: what clean-ups would do with each version in the registry. */
export const retentionCommand = subcommand({
  name: 'retention',
  description: 'Forecast what the clean-up keeps and deletes in the registry, and why',
  options: {
    stack: stackOption,
    at: dayOption('forecast for this day, such as 2027-03-01'),
    against: option(
      '--against <revision>',
      'show only what differs from the verdicts by its config/',
    ),
    policy: option<PolicyFormat>(
      '--policy <format>',
      'print only the policies to propose to the owners of a borrowed repository',
    ).choices(['json', 'hcl'] satisfies PolicyFormat[]),
    all: flag('--all', 'print each kept version, not one line for each reason'),
    json: jsonOption,
  },
  run: async ({ root, out, err }, { stack, at: day, against, policy, all, json }) => {
    const tree = workingTree(root);
    const settings = requireSettings(tree, stack);
    const { catalogFile, retentionFile } = settings;
    const open = sourceOpener({ checkout: root });
    /** How long versions stay and what branches need, by a tree's `config/`. */
    const rulesOf = (config: FileTree, revision?: string): Rules => {
      const retention = atRevision(revision, () => loadRetention(config, retentionFile));
      const references = findReferences(retention, placeAtRevision(revision, retentionFile), open);
      const images = atRevision(revision, () => loadTaggedImages(config, catalogFile));
      const isSigned = settings.signing !== undefined;
      const rules = { retention, references, images, isSigned };
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
    const inventory = await readInventoryOf(tree, stack, settings, rules, root);
    const { isDryRun } = inventory;
    const after = forecastFor(inventory, rules, { now, at });
    const before = rulesBefore && forecastFor(inventory, rulesBefore, { now, at });
    const warnings = forecastWarnings(after, isDryRun, inventory);
    const ending = isDangerous(after, isDryRun) ? EXIT_CODES.endangered : EXIT_CODES.done;
    if (policy !== undefined) {
      if (!('foreign' in after)) throw noOwners();
      for (const line of warnings) err(`${line}\n`);
      out(formatProposalOf(after.foreign.proposal, policy));
      return ending;
    }
    for (const line of [...warnings, ...formatUnpublished(after)]) err(`${line}\n`);
    const shown = {
      forecast: before === undefined ? after : { ...after, unpublished: newNeeds(before, after) },
      versions: before === undefined ? after.versions : changedVerdicts(before, after),
      against,
      at,
      dryRun: inventory.kind === 'borrowed' ? isDryRun : rules.retention.dryRun,
    };
    const text =
      json === true
        ? formatForecastAsJson(shown, warnings)
        : formatForecastAsText(shown, all === true);
    out(`${text}\n`);
    return ending;
  },
});

function noOwners(): InvalidInputError {
  const problem = 'the policies of this stack are its own: there is nobody to propose them to';
  const remedy = 'leave --policy out, or choose a stack whose destination is borrowed with --stack';
  return inputError('NOT_BORROWED', problem, remedy);
}

/** The unpublished needs of `after` that `before` does not have. */
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
