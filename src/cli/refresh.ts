import process from 'node:process';
import { Command, InvalidArgumentError } from 'commander';
import type { CliContext } from './cli-context.ts';
import { formatRefreshAsJson, formatRefreshAsText, keptProblems } from './format-refresh.ts';
import { readStackSettings } from './read-stack-settings.ts';
import { replaceText } from './replace-text.ts';
import { parseStackName } from './options.ts';
import { snapshotRule } from '../catalog/value-rules.ts';
import { loadText } from '../yaml/read-text.ts';
import { workingTree } from '../git/working-tree.ts';
import type { Registry } from '../image-reference.ts';
import { formatProblems, InvalidInputError } from '../problem.ts';
import { refreshCatalog } from '../refresh/refresh-catalog.ts';
import { baseFinder } from '../refresh/lookup/base-finder.ts';
import { credentialsFor } from '../registry/docker-config.ts';
import { registryClient, type RegistryClient } from '../registry/registry-client.ts';
import { askUpstream } from '../refresh/lookup/ask-upstream.ts';

interface RefreshOptions {
  readonly stack: string;
  readonly snapshot?: string;
  readonly only?: readonly string[];
  readonly check?: true;
  readonly json?: true;
}

/** What there is to tell beside success: something is stale and was to be looked at only, or failed. */
export type RefreshOutcome = 'stale' | 'kept';

/**
 * `images refresh`: pins the bases of the catalog to what their tags name now, and its VM disks to the
 * newest builds. Calls `tell` when
 * `--check` finds something stale, and else when something stays that should have changed.
 */
export function refreshCommand(
  context: CliContext,
  tell: (outcome: RefreshOutcome) => void,
): Command {
  return new Command('refresh')
    .description(
      'Find newer base images and VM disks and write their pins into the catalog, in place',
    )
    .option('--stack <name>', 'the stack whose catalog to refresh', parseStackName, 'prod')
    .option('--snapshot <date>', 'move the snapshots to this day: today, or 2026-11-24', parseDay)
    .option('--only <name...>', 'refresh these images, and nothing that others share with them')
    .option('--check', 'write nothing; exit with 4 when something is stale')
    .option('--json', 'print JSON instead of tables')
    .action(async (options: RefreshOptions) => {
      const outcome = await refresh(context, options);
      if (outcome !== undefined) tell(outcome);
    });
}

async function refresh(
  { root, out, err }: CliContext,
  { stack, snapshot, only = [], check, json }: RefreshOptions,
): Promise<RefreshOutcome | undefined> {
  const tree = workingTree(root);
  const parsed = readStackSettings(tree, stack);
  if (!('settings' in parsed)) throw new InvalidInputError(parsed.problems);
  const { catalog: file } = parsed.settings;
  const text = loadText(tree, file, 'catalog');
  const today = dayOf(new Date());
  const dates = { today, ...(snapshot !== undefined && { asked: snapshot }) };
  const found = await refreshCatalog(
    { file, text, tree, only, dates },
    { lookUp: baseFinder(connector()), ask: askUpstream() },
  );

  const isStale = found.changes.length > 0;
  if (isStale && check !== true) replaceText(root, file, text, found.text);
  const refreshed = { file, refresh: found, isWritten: isStale && check !== true };
  const format = json === true ? formatRefreshAsJson : formatRefreshAsText;
  out(`${format(refreshed)}\n`);
  if (found.kept.length > 0) err(`${formatProblems(keptProblems(found, file))}\n`);
  if (check === true && isStale) return 'stale';
  return found.kept.length > 0 ? 'kept' : undefined;
}

/** A client for each registry, as whoever is logged in there by the Docker config. */
function connector(): (registry: Registry) => Promise<RegistryClient> {
  const clients = new Map<Registry, Promise<RegistryClient>>();
  const connect = async (registry: Registry): Promise<RegistryClient> =>
    registryClient({ registry, credentials: await credentialsFor(registry, process.env) });
  return (registry) => {
    const client = clients.get(registry) ?? connect(registry);
    clients.set(registry, client);
    return client;
  };
}

/** Never a day to come: archives have nothing of it yet, and later would have something else. */
function parseDay(text: string): string {
  const today = dayOf(new Date());
  if (text === 'today') return today;
  if (snapshotRule(text) === undefined && text <= today) return text;
  throw new InvalidArgumentError('Write today, or a day that has come as YYYY-MM-DD.');
}

function dayOf(date: Date): string {
  return date.toISOString().slice(0, 10);
}
