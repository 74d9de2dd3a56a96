import { branchRecords } from '../../src/branches/compare-branches.ts';
import { findReferences } from '../../src/branches/find-references.ts';
import { parseSources } from '../../src/branches/parse-sources.ts';
import type { References } from '../../src/branches/references.ts';
import type { Source } from '../../src/branches/source.ts';
import type { CommitTree } from '../../src/file-tree.ts';
import type { Properties } from '../../infra/oci/protocol/resource-type.ts';
import { FILE } from '../retention/retention-fixture.ts';
import { memoryTree } from '../support/memory-tree.ts';
import { tagOf, type Branch, type World } from './world.ts';

/** What the resource compares with the next run. */
export function recordsOf(world: World, { branches }: References): Properties {
  const records = branches.map((each) => {
    const committedAt = world.branches.get(each.branch)?.committedAt ?? 0;
    return { ...each, committedAt: new Date(committedAt).toISOString() };
  });
  return JSON.parse(JSON.stringify(branchRecords(records))) as Properties;
}

let parsed: readonly Source[] = [];

/** The needs of the supported branches, as the program reads them. Throws as it does. */
export function referencesOf({ branches, retention }: World): References {
  if (parsed.length === 0) parsed = sources();
  return findReferences({ sources: parsed, keepAliases: retention.keepAliases }, FILE, (_, read) =>
    read({
      defaultBranch: 'main',
      branches: new Set(branches.keys()),
      read: (names) =>
        new Map(
          names.flatMap((name) => {
            const branch = branches.get(name);
            return branch === undefined ? [] : [[name, treeOf(branch)] as const];
          }),
        ),
    }),
  );
}

function sources(): readonly Source[] {
  const pattern = String.raw`^image: (?<image>[a-z]+)(?::(?<tag>[\w.-]+))?(?:@(?<digest>[\w:]+))?$`;
  const written = {
    name: 'ci',
    repository: '.',
    branches: { default: 'main', releases: 'release-*', newest: 2 },
    references: [
      { files: ['catalog.txt'], pattern },
      { files: ['uses.txt'], pattern },
    ],
  };
  const { sources: all, problems } = parseSources([written], { scalarAt: () => undefined });
  if (problems.length > 0) throw new Error(problems.map(({ problem }) => problem).join('\n'));
  return all;
}

const trees = new WeakMap<Branch, CommitTree>();

function treeOf(branch: Branch): CommitTree {
  const known = trees.get(branch);
  if (known !== undefined) return known;
  const lines = {
    'catalog.txt': Object.entries(branch.catalog).map(
      ([image, inputs]) => `image: ${image}:${tagOf(image, inputs)}`,
    ),
    'uses.txt': branch.uses.map(({ image, version }) => `image: ${image}${version}`),
  };
  const files = Object.fromEntries(
    Object.entries(lines).map(([path, text]) => [path, text.join('\n')]),
  );
  const tree = {
    ...memoryTree(files),
    commit: branch.commit,
    committedAt: new Date(branch.committedAt).toISOString(),
    files: Object.entries(files).map(([path, text]) => ({
      ...({ path, kind: 'file', executable: false, isExact: true } as const),
      ...{ size: text.length, blob: `${path} ${text}` },
    })),
    load: () => undefined,
  };
  trees.set(branch, tree);
  return tree;
}
