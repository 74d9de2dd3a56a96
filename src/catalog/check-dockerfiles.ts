import { checkDownloads, checkFrom, checkFrontEnds } from './check-pins.ts';
import { checkLabels } from './check-labels.ts';
import { findStage, parseDockerfile } from './dockerfile.ts';
import type { Dockerfile, DockerfileProblem } from './dockerfile.ts';
import { field, type Draft } from './draft.ts';
import type { BuildFiles } from './image.ts';
import type { CatalogProblem } from './problem-code.ts';
import type { FileTree } from '../file-tree.ts';
import { collectProblems, type Problem } from '../problem.ts';
import { loadText } from '../yaml/read-text.ts';
import { quote } from '../yaml/wording.ts';

/** Far beyond any real Dockerfile, and still parsed in well under a second. */
export const MAX_DOCKERFILE_BYTES = 128 * 1024;

interface DraftBuild {
  readonly draft: Draft;
  readonly build?: BuildFiles;
}

/**
 * Checks the Dockerfiles of all images: each file once, and its labels once per stage that is built,
 * however many images share it. `problems` are located in the Dockerfiles, `inCatalog` in the catalog.
 */
export function checkDockerfiles(
  builds: readonly DraftBuild[],
  tree: FileTree,
): { readonly problems: readonly Problem[]; readonly inCatalog: readonly CatalogProblem[] } {
  const problems: Problem[] = [];
  const inCatalog: CatalogProblem[] = [];
  for (const [file, sharing] of Map.groupBy(builds, ({ build }) => build?.dockerfile)) {
    if (file === undefined) continue;
    const text = collectProblems(problems, () =>
      loadText(tree, file, 'Dockerfile', MAX_DOCKERFILE_BYTES),
    );
    if (text === undefined) continue;
    const dockerfile = parseDockerfile(text);
    const drafts = sharing.map(({ draft }) => draft);
    for (const each of checkContent(dockerfile, drafts)) problems.push({ file, ...each });
    for (const draft of drafts) inCatalog.push(...checkTarget(dockerfile, file, draft));
  }
  return { problems, inCatalog };
}

function checkContent(
  dockerfile: Dockerfile,
  drafts: readonly Draft[],
): readonly DockerfileProblem[] {
  const inFrontEnds = checkFrontEnds(dockerfile);
  if (dockerfile.problems.length > 0) return [...inFrontEnds, ...dockerfile.problems];
  const hasBase = drafts.every(({ kind }) => kind !== 'vm-disk');
  const byStage = Map.groupBy(drafts, (draft) => `${draft.kind} ${field(draft, 'target')?.value}`);
  const inLabels = [...byStage.values()].flatMap(([first]) =>
    checkLabels(dockerfile, first && field(first, 'target')?.value, first?.kind),
  );
  const inStages = [...checkFrom(dockerfile, hasBase), ...checkDownloads(dockerfile)];
  return [...inFrontEnds, ...inStages, ...inLabels];
}

function checkTarget(
  { stages, problems }: Dockerfile,
  file: string,
  draft: Draft,
): readonly CatalogProblem[] {
  const target = field(draft, 'target');
  if (target === undefined || problems.length > 0) return [];
  if (findStage(stages, target.value) !== undefined) return [];
  const names = stages.flatMap(({ name }) => name ?? []);
  const problem = `${file} has no stage ${quote(target.value)}`;
  const remedy = names.length === 0 ? 'delete target' : `use one of ${names.join(', ')}`;
  return [{ code: 'UNKNOWN_TARGET', path: target.path, problem, remedy }];
}
