import { realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { selectBranches } from '../branches/select-branches.ts';
import { RepositoryUnreachable, type OpenSource } from '../branches/source.ts';
import type { ListSource } from '../catalog/list-sources.ts';
import type { FileTree } from '../file-tree.ts';
import { workingTree } from '../git/working-tree.ts';
import { inputError, InvalidInputError, type Problem } from '../problem.ts';
import {
  KUBESPRAY_LIST,
  parseKubesprayList,
  type ParsedList,
} from '../refresh/lists/kubespray-list.ts';
import { loadText } from '../yaml/read-text.ts';

/** Reads the list in a checkout of Kubespray, or in its file. `path` is relative to `root`. Throws an InvalidInputError. */
export function readListAt(root: string, path: string, except: readonly string[]): ParsedList {
  const place = resolve(root, path);
  const isFolder = statSync(place, { throwIfNoEntry: false })?.isDirectory() === true;
  const file = isFolder ? join(place, KUBESPRAY_LIST) : place;
  const shown = isFolder ? join(path, KUBESPRAY_LIST) : path;
  const remedy = `name a checkout of Kubespray, or its ${KUBESPRAY_LIST}`;
  if (statSync(file, { throwIfNoEntry: false })?.isFile() !== true) {
    const problem = 'there is no such file';
    throw inputError('FILE_MISSING', problem, remedy, { file: shown });
  }
  const real = realpathSync(file);
  const text = loadList(workingTree(dirname(real)), basename(real), shown);
  return parseKubesprayList(text, shown, except);
}

/**
 * Reads the list of a source in the newest commit of its branch. Throws an InvalidInputError, also for a repository
 * that can't be read: an old list is never taken for the present one.
 */
export function readListOf(
  source: ListSource,
  except: readonly string[],
  open: OpenSource,
): ParsedList {
  const { list, repository, branch, path = KUBESPRAY_LIST } = source;
  const fail = ({ code, problem, remedy }: Pick<Problem, 'code' | 'problem' | 'remedy'>) =>
    inputError(code, `the list of ${list} can't be read: ${problem}`, remedy);
  try {
    return open({ repository }, (opened) => {
      const { branches, problems } = selectBranches({ default: branch }, opened);
      const [name] = branches;
      const [first] = problems;
      if (first !== undefined) throw fail(first);
      const tree = name === undefined ? undefined : opened.read([name]).get(name);
      if (name === undefined || tree === undefined)
        throw new Error(`${list} has no branch to read`);
      const shown = `${list}@${name}:${path}`;
      return parseKubesprayList(loadList(tree, path, shown), shown, except);
    });
  } catch (error) {
    if (!(error instanceof RepositoryUnreachable)) throw error;
    throw fail(error);
  }
}

function loadList(tree: FileTree, path: string, shown: string): string {
  return readAs(shown, () => loadText(tree, path, 'list'));
}

/** Reads a file. Its problems have the name that the command line has for it. */
export function readAs<Result>(file: string, read: () => Result): Result {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    throw new InvalidInputError(error.problems.map((problem) => ({ ...problem, file })));
  }
}
