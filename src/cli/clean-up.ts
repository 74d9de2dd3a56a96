import { resolve } from 'node:path';
import process from 'node:process';
import { forecastFor, type Rules } from './forecast-for.ts';
import { forecastWarnings, formatForecastAsText, formatUnpublished } from './format-forecast.ts';
import { stackOption } from './options.ts';
import { JOURNAL, readPlain } from './read-plain.ts';
import { openByLogin } from './read-registry.ts';
import { requireSettings } from './read-stack.ts';
import { EXIT_CODES, flag, option, subcommand } from './subcommand.ts';
import { untilInterrupted } from './until-interrupted.ts';
import { findReferences } from '../branches/find-references.ts';
import { openJournal } from '../clean-up/journal.ts';
import { removerFor } from '../clean-up/remover.ts';
import { findFewer, findTooMuch, runCleanUp } from '../clean-up/run-clean-up.ts';
import { sourceOpener } from '../git/open-source.ts';
import { workingTree } from '../git/working-tree.ts';
import { inputError } from '../problem.ts';
import type { RegistryClient } from '../registry/registry-client.ts';
import type { Forecast } from '../retention/forecast.ts';
import { MOST_DELETED } from '../retention/plan-clean-up.ts';
import { loadRetention } from '../retention/parse-retention.ts';
import type { Settings } from '../settings/settings.ts';
import { loadTaggedImages } from '../tag/tag-catalog.ts';

/** `images clean-up`: deletes from a plain registry what the forecast says. */
export const cleanUpCommand = subcommand({
  name: 'clean-up',
  description: 'Delete from a plain registry what `images retention` says goes',
  options: {
    stack: stackOption,
    confirm: flag(
      '--confirm',
      'delete, if the retention file has dryRun: false; without it, only print',
    ),
    acceptFewer: flag('--accept-fewer', 'go on although images have lost publications meanwhile'),
    journal: option(
      '--journal <file>',
      `record here what is deleted and why (default: ${JOURNAL})`,
    ),
  },
  run: async ({ root, out, err }, { stack, confirm, acceptFewer, journal = JOURNAL }) => {
    const settings = requireSettings(workingTree(root), stack);
    requirePlain(settings);
    const { registry, repositoryPrefix, retentionFile } = settings;
    const file = resolve(root, journal);
    return untilInterrupted(async (signal) => {
      const client = await openByLogin(registry, signal);
      const take = viewTaker(root, settings, client, file);
      const first = await take();
      const { retention, forecast, now } = first;
      const { dryRun, mostDeletedPercent = MOST_DELETED } = retention;
      const isReal = !dryRun && confirm === true;
      const shown = { forecast, versions: forecast.versions, at: now, dryRun: !isReal };
      const lines = [...forecastWarnings(forecast, dryRun, first), ...formatUnpublished(forecast)];
      for (const line of lines) err(`${line}\n`);
      (isReal ? err : out)(`${formatForecastAsText(shown, false)}\n`);
      if (isUnsafe(forecast)) {
        err('nothing was deleted: a branch needs what the registry has lost\n');
        return EXIT_CODES.endangered;
      }
      const refusal =
        (acceptFewer === true ? undefined : findFewer(first.record.publications, first.versions)) ??
        findTooMuch(forecast, mostDeletedPercent);
      if (!isReal) {
        if (refusal !== undefined) err(`a run that deletes would refuse: ${refusal.message}\n`);
        const why = dryRun ? `dryRun is true in ${retentionFile}` : '--confirm is not given';
        err(`nothing was deleted: ${why}\n`);
        return EXIT_CODES.done;
      }
      if (refusal !== undefined) throw refusal;
      const remover = removerFor(registry, client, process.env);
      const { write, close } = openJournal(file, out);
      try {
        const again = async () => {
          const view = await take();
          if (isUnsafe(view.forecast)) {
            const problem = 'a branch needs what the registry has lost';
            throw inputError('CLEAN_UP_LOST', problem, 'see `images retention`');
          }
          return view;
        };
        const count = await runCleanUp(first, {
          registry,
          prefix: repositoryPrefix,
          client,
          remover,
          write,
          now: () => new Date(),
          take: again,
          signal,
        });
        const done = `deleted ${count} versions, by ${remover.name}; ${journal} says why`;
        err(`${count === 0 ? 'nothing was deleted: nothing goes' : done}\n`);
        return EXIT_CODES.done;
      } finally {
        close();
      }
    });
  },
});

/** Reads rules, branches and registry anew at each call, and forecasts what goes. */
function viewTaker(root: string, settings: Settings, client: RegistryClient, journal: string) {
  const { retentionFile, catalogFile } = settings;
  const tree = workingTree(root);
  const open = sourceOpener({ checkout: root });
  return async () => {
    const retention = loadRetention(tree, retentionFile);
    const references = findReferences(retention, retentionFile, open);
    const images = loadTaggedImages(tree, catalogFile);
    const isSigned = settings.signing !== undefined;
    const rules: Rules = { retention, references, images, isSigned };
    const inventory = await readPlain(client, settings, rules, journal);
    const now = earlierOf(new Date(), client.clock());
    const forecast = forecastFor({ kind: 'plain', ...inventory }, rules, { now, at: now });
    const commits = references.branches.map(({ source, branch, commit }) => {
      return [`${source}@${branch}`, commit] as const;
    });
    const { versions, record, hidden } = inventory;
    const branches = Object.fromEntries(commits);
    return { retention, forecast, versions, record, hidden, now, branches };
  };
}

/** A clock that is ahead makes versions older than they are. */
function earlierOf(own: Date, ofRegistry: Date | undefined): Date {
  return ofRegistry !== undefined && ofRegistry < own ? ofRegistry : own;
}

function isUnsafe({ missing, endangered }: Forecast): boolean {
  return missing.length > 0 || endangered.length > 0;
}

function requirePlain({ destination, registry }: Settings): void {
  if (destination.kind === 'plain') return;
  const whose = destination.kind === 'managed' ? 'its own' : "its owners'";
  throw inputError(
    'CLEAN_UP_POLICIES',
    `the repository at ${registry} is cleaned up by ${whose} policies`,
    'see `images retention`, or choose a stack whose destination is another registry with --stack',
  );
}
