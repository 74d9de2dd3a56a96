import { InvalidArgumentError } from 'commander';
import { formatProposalAsText, proposalAsJson } from './format-proposal.ts';
import { formatRefreshAsText, keptProblems, refreshAsJson } from './format-refresh.ts';
import { jsonOption, proposalOptions, stackOption } from './options.ts';
import { commitProposal, moveToCommit, proposalPlace, type ProposalPlace } from './proposal.ts';
import { pushProposal } from './push-proposal.ts';
import { openByLogin } from './read-registry.ts';
import { requireSettings } from './read-stack.ts';
import { readListOf } from './read-list.ts';
import { catalogBytes, readCatalog, replaceFile } from './replace-file.ts';
import { EXIT_CODES, flag, option, subcommand, type CliContext } from './subcommand.ts';
import { listSources } from '../catalog/list-sources.ts';
import type { CatalogText } from '../catalog/parse-catalog.ts';
import { snapshotRule } from '../catalog/value-rules.ts';
import { formatDay } from '../dates.ts';
import { blobOf } from '../git/commit-file.ts';
import { sourceOpener } from '../git/open-source.ts';
import { workingTree } from '../git/working-tree.ts';
import type { Registry } from '../image-reference.ts';
import { formatProblems, inputError, InvalidInputError, type Problem } from '../problem.ts';
import { importList, type Imported } from '../refresh/lists/import-list.ts';
import { baseFinder } from '../refresh/lookup/base-finder.ts';
import { fileProbe, textFetcher } from '../refresh/lookup/text-fetcher.ts';
import type { Publishers } from '../refresh/publishers/publisher.ts';
import { refreshCatalog, tagsOf, type Refresh } from '../refresh/refresh-catalog.ts';
import type { RegistryClient } from '../registry/registry-client.ts';
import { emptyHashCache } from '../tag/hash-context.ts';
import { parseYaml } from '../yaml/yaml-document.ts';

/**
 * `images refresh`: pins the catalog's bases to what their tags name now, and its VM disks to the newest
 * builds. Writes the catalog, or proposes the changes without writing it, or only reports them.
 */
export const refreshCommand = subcommand({
  name: 'refresh',
  description: 'Find newer base images and VM disks, and write their pins into the catalog',
  options: {
    stack: stackOption,
    snapshot: option(
      '--snapshot <date>',
      'move the snapshots to this day: today, or 2026-11-24',
      parseDay,
    ),
    only: option<readonly string[]>(
      '--only <name...>',
      'refresh these images, and nothing that others share with them',
    ),
    check: flag('--check', 'write nothing; exit with 4 when something is stale').conflicts(
      'propose',
    ),
    propose: flag('--propose', 'propose the changes, as images propose does, instead of writing'),
    ...proposalOptions,
    json: jsonOption,
  },
  run: async ({ root, out, err }, options) => {
    const { stack, snapshot, only = [], check, propose, json } = options;
    const tree = workingTree(root);
    const settings = requireSettings(tree, stack);
    const { catalogFile: file } = settings;
    const bytes = readCatalog(root, file);
    // Before any lookup: nothing is looked up that can't be proposed.
    const place = propose === true ? proposalPlace(root, settings, options) : undefined;
    if (place !== undefined && blobOf(root, file, bytes) !== place.head.blob) {
      throw alreadyChanged(file);
    }

    const text = new TextDecoder().decode(bytes);
    const dates = { today: formatDay(new Date()), moveTo: snapshot };
    const publishers = { fetchText: textFetcher(), isThere: fileProbe() };
    const problems: Problem[] = [];
    const imported = await importLists({ file, text, tree }, { root, only, problems }, publishers);
    const found = await refreshCatalog(
      { file, text, tree, only, dates, imported },
      { findBases: baseFinder(clientPool()), ...publishers },
    );
    const isStale = found.edits.length > 0;
    const newBytes = catalogBytes(bytes, found.text);
    const kept = check === true ? 'stale' : 'changed';
    const action = propose === true ? 'proposed' : kept;
    if (isStale && action === 'changed') replaceFile(root, file, bytes, newBytes);
    if (json !== true) out(`${formatRefreshAsText(file, found, action)}\n`);
    problems.push(...keptProblems(found, file));
    if (problems.length > 0) err(`${formatProblems(problems)}\n`);

    const proposed =
      place && isStale && (await proposeEdits(place, found, { bytes, newBytes }, err));
    if (json === true) {
      const proposal = proposed ? proposalAsJson(...proposed) : null;
      const written = isStale && (action === 'changed' || proposal?.outcome === 'committed');
      const result = refreshAsJson(file, found, written);
      const all = propose === true ? { ...result, proposal } : result;
      out(`${JSON.stringify(all, null, 2)}\n`);
    } else if (proposed) {
      out(`\n${formatProposalAsText(...proposed)}\n`);
    }
    if (check === true && isStale) return EXIT_CODES.stale;
    return problems.length > 0 ? EXIT_CODES.problem : EXIT_CODES.done;
  },
});

/**
 * The catalog with the disks of its lists, where it does not have a newer build. A list that can't be read, or has
 * problems, changes nothing.
 */
async function importLists(
  { file, text, tree }: CatalogText,
  { root, only, problems }: { root: string; only: readonly string[]; problems: Problem[] },
  publishers: Publishers,
): Promise<Pick<Imported, 'text' | 'edits'>> {
  const isChosen = (name: string) => only.length === 0 || only.includes(name);
  const open = sourceOpener({ checkout: root });
  let imported: Pick<Imported, 'text' | 'edits'> = { text, edits: [] };
  const sources = listSources(parseYaml(text, file));
  // A catalog with problems is reported by what refreshes it.
  if (sources.length > 0) tagsOf({ file, text, tree }, emptyHashCache());
  for (const source of sources) {
    try {
      const list = readListOf(source, source.except ?? [], open);
      const catalog = { file, text: imported.text, tree };
      const found = await importList(catalog, list, { isChosen, keepNewer: true }, publishers);
      imported = { text: found.text, edits: [...imported.edits, ...found.edits] };
    } catch (error) {
      if (!(error instanceof InvalidInputError)) throw error;
      problems.push(...error.problems);
    }
  }
  return imported;
}

/** Pushes the edits as a proposal. The checkout gets the new catalog where the proposal is a commit. */
async function proposeEdits(
  place: ProposalPlace,
  { edits }: Refresh,
  { bytes, newBytes }: Readonly<Record<'bytes' | 'newBytes', Buffer>>,
  err: CliContext['err'],
) {
  const proposal = commitProposal(place, edits, newBytes, err);
  const pushed = await pushProposal(place, proposal, err);
  if (place.target.mode === 'commit') {
    // In this order, the catalog in the checkout is in git even if this process is killed in between.
    replaceFile(place.root, place.file, bytes, newBytes);
    moveToCommit(place, proposal, pushed.commit);
  }
  return [place, proposal, pushed] as const;
}

function alreadyChanged(file: string): InvalidInputError {
  const problem = 'the file differs from the commit already';
  const remedy = 'propose those changes with images propose, commit them, or take them back';
  return inputError('NOT_A_REFRESH', problem, remedy, { file });
}

/** One client for each registry, with the credentials of the Docker configuration. */
export function clientPool(): (registry: Registry) => Promise<RegistryClient> {
  const clients = new Map<Registry, Promise<RegistryClient>>();
  return (registry) => {
    const client = clients.get(registry) ?? openByLogin(registry);
    clients.set(registry, client);
    return client;
  };
}

/** Rejects a day in the future, which no archive has. */
function parseDay(text: string): string {
  const today = formatDay(new Date());
  if (text === 'today') return today;
  if (snapshotRule(text) === undefined && text <= today) return text;
  throw new InvalidArgumentError('Write today, or a day that has come as YYYY-MM-DD.');
}
