import type { Problem } from '../problem.ts';
import type { FileTree } from '../file-tree.ts';
import { checkDownloads, checkFrom } from './check-sources.ts';
import type { ResolvedDraft } from './check-images.ts';
import { checkLabels } from './check-labels.ts';
import { findStage, parseDockerfile } from './dockerfile.ts';
import type { Dockerfile, DockerfileProblem } from './dockerfile.ts';
import type { CatalogProblem } from './problem-code.ts';
import { readText } from '../yaml/read-text.ts';
import { quote } from '../yaml/wording.ts';

/** Far beyond any real Dockerfile, and still parsed in well under a second. */
export const MAX_DOCKERFILE_BYTES = 128 * 1024;

/**
 * Checks the Dockerfiles of all images: each file once, and its labels once per stage that is built,
 * however many images share it. `problems` are placed in the Dockerfiles, `inCatalog` in the catalog.
 */
export function checkDockerfiles(
  drafts: readonly ResolvedDraft[],
  tree: FileTree,
): { readonly problems: readonly Problem[]; readonly inCatalog: readonly CatalogProblem[] } {
  const problems: Problem[] = [];
  const inCatalog: CatalogProblem[] = [];
  const byFile = Map.groupBy(drafts, ({ dockerfile }) => dockerfile);
  for (const [file, sharing] of byFile) {
    if (file === undefined) continue;
    const report = (found: readonly DockerfileProblem[]): void => {
      for (const each of found) problems.push({ file, path: '', ...each });
    };
    const read = readDockerfile(tree, file);
    if ('problem' in read) {
      problems.push(read.problem);
      continue;
    }
    const parsed = parseDockerfile(read.text);
    if ('problems' in parsed) {
      report(parsed.problems);
      continue;
    }
    const hasBase = sharing.every(({ kind }) => kind !== 'vm-disk');
    report(checkFrom(parsed.dockerfile, hasBase));
    report(checkDownloads(parsed.dockerfile));
    const builds = Map.groupBy(sharing, ({ target, kind }) => `${kind} ${target?.value}`);
    for (const [first] of builds.values()) {
      report(checkLabels(parsed.dockerfile, first?.target?.value, first?.kind));
    }
    for (const draft of sharing) {
      const found = checkTarget(parsed.dockerfile, file, draft);
      if (found !== undefined) inCatalog.push(found);
    }
  }
  return { problems, inCatalog };
}

function checkTarget(
  dockerfile: Dockerfile,
  file: string,
  { target }: ResolvedDraft,
): CatalogProblem | undefined {
  const { stages } = dockerfile;
  if (target === undefined || findStage(stages, target.value) !== undefined) return undefined;
  const names = stages.flatMap(({ name }) => name ?? []);
  return {
    code: 'UNKNOWN_TARGET',
    path: target.path,
    problem: `${file} has no stage ${quote(target.value)}`,
    remedy: names.length === 0 ? 'delete target' : `use one of ${names.join(', ')}`,
  };
}

function readDockerfile(
  tree: FileTree,
  file: string,
): { readonly text: string } | { readonly problem: Problem } {
  const read = readText(tree, file, MAX_DOCKERFILE_BYTES);
  if ('text' in read) return read;
  const { code } = read;
  const own =
    code === 'FILE_TOO_LARGE'
      ? {
          problem: `a Dockerfile of more than ${MAX_DOCKERFILE_BYTES / 1024} KiB is none`,
          remedy: 'move what it holds to files of the context',
        }
      : { problem: 'this is no UTF-8 text', remedy: 'save it as UTF-8' };
  return { problem: { code, file, path: '', ...own } };
}
