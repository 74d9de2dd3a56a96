import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { changedPaths } from './checkout-state.ts';
import { commitTree } from './commit-tree.ts';
import { askGit } from './run-git.ts';
import { workingTree } from './working-tree.ts';
import { isBuilt } from '../catalog/image.ts';
import { parseCatalog } from '../catalog/parse-catalog.ts';
import type { CommitFile, FileTree, TreeEntry } from '../file-tree.ts';
import type { StackPlan } from '../plan/plan-stack.ts';
import { collectProblems, InvalidInputError, printable, type Problem } from '../problem.ts';
import { tagCatalog, type TaggedImage } from '../tag/tag-catalog.ts';
import { countedFiles } from '../tag/list-context.ts';
import { isLoopback } from '../url.ts';
import { loadText } from '../yaml/read-text.ts';

const MOST_PRINTED = 20;

/** A file that the tags of a plan count, and that is not as in the checkout's commit (TREE_DIFFERS). */
interface TreeDifference extends Problem {
  /** Whether a commit of all changes would have it: nobody edited the others, and git sees no difference. */
  readonly isEdit: boolean;
}

/**
 * Why a plan of a work tree has other tags than a plan of its commit; empty when it has the same. A stack whose
 * registry is on this machine publishes what its user tries out, and a checkout without a repository has no
 * commit: neither is compared. Throws an InvalidInputError (SUBMODULE_IN_CONTEXT) for a submodule in a context,
 * checked out or not.
 */
export function treeDifferences(
  root: string,
  { settings, images }: Pick<StackPlan, 'settings' | 'images'>,
  catalogFile = settings.catalogFile,
): readonly TreeDifference[] {
  const { hostname = '' } = URL.parse(`https://${settings.registry}`) ?? {};
  if (isLoopback(hostname) || !existsSync(join(root, '.git'))) return [];
  const unread: Problem[] = [];
  const commit = collectProblems(unread, () => commitTree(root, 'HEAD'));
  if (commit === undefined) return unread.map((problem) => ({ ...problem, isEdit: true }));

  const tree = workingTree(root);
  /** The tags that follow from a text of the catalog and the files of the work tree. */
  const tagsBy = (text: string) =>
    formatTags(tagCatalog(parseCatalog({ file: catalogFile, text, tree }), tree).images);
  const there = new Map(commit.files.map((file) => [file.path, file]));
  const paths = countedPaths(images, tree, commit);
  const differing = paths.filter((path) => !isSame(path, tree, there.get(path)));
  if (!isSame(catalogFile, tree, there.get(catalogFile))) {
    // Another comment or URL gives no other tag.
    const before = collectProblems([], () => tagsBy(loadText(commit, catalogFile, 'catalog')));
    if (before !== formatTags(images)) differing.push(catalogFile);
  }
  if (differing.length === 0) return [];
  const edits = new Set(changedPaths(root, '--untracked-files=all'));
  return differing.toSorted().map((file) => {
    // Git ignores a catalog that somebody tries out, and the commit has none to plan.
    const isEdit = file === catalogFile || edits.has(file);
    const here = tree.entry(file);
    const [problem, remedy] = isEdit
      ? explainEdit(here, there.get(file))
      : explainSetting(root, file, here, there.get(file));
    return { code: 'TREE_DIFFERS', file, problem, remedy, isEdit };
  });
}

/** The files that the tags of images count, in the work tree or in the commit. */
function countedPaths(
  all: readonly TaggedImage[],
  tree: FileTree,
  commit: FileTree,
): readonly string[] {
  const images = all.filter((image) => isBuilt(image));
  const committed = images.filter(({ context }) => commit.entry(context)?.kind === 'directory');
  const inCommit = countedFiles(committed, commit);
  const submodules = inCommit.problems.filter(({ code }) => code === 'SUBMODULE_IN_CONTEXT');
  const present = submodules.filter(({ file = '' }) => tree.entry(file) !== undefined);
  if (present.length > 0) throw new InvalidInputError(present);
  const removed = submodules.flatMap(({ file }) => file ?? []);
  return [...new Set([...countedFiles(images, tree).files, ...inCommit.files, ...removed])];
}

/** A warning for each file that is not as in the checkout's commit. */
export function treeWarnings(differences: readonly TreeDifference[]): readonly string[] {
  const lines = differences.slice(0, MOST_PRINTED).map(({ file, problem, remedy }) => {
    return `${file === undefined ? '' : `${printable(file)} `}${problem}; ${remedy}`;
  });
  const others = differences.length - lines.length;
  return others > 0 ? [...lines, `and ${others} more files are not as in the commit`] : lines;
}

function formatTags(images: readonly TaggedImage[]): string {
  return images
    .map(({ name, tag }) => `${name}:${tag}`)
    .toSorted()
    .join(' ');
}

function isSame(path: string, tree: FileTree, there: CommitFile | undefined): boolean {
  const here = tree.entry(path);
  if (here === undefined || here.kind !== there?.kind) return false;
  if (here.kind === 'symlink') return isContentOf(there, [Buffer.from(tree.readLink(path))]);
  const isExecutable = here.executable === there.executable;
  return isExecutable && tree.size(path) === there.size && isContentOf(there, tree.read(path));
}

/** Whether the content has the name that git has for the content of the file. */
function isContentOf({ blob, size }: CommitFile, content: Iterable<Uint8Array>): boolean {
  const hash = createHash(blob.length === 40 ? 'sha1' : 'sha256').update(`blob ${size}\0`);
  for (const chunk of content) hash.update(chunk);
  return hash.digest('hex') === blob;
}

/** A problem and its remedy. */
type Explanation = readonly [string, string];

const NOT_COMMITTED: Explanation = [
  'is not in the commit: the tag counts it, and a clean checkout will have another',
  'commit it, or remove it, or name it in .dockerignore',
];

function explainEdit(here: TreeEntry | undefined, there: CommitFile | undefined): Explanation {
  if (there === undefined) return NOT_COMMITTED;
  const problem = here === undefined ? 'is in the commit, and not here' : 'is not as in the commit';
  return [problem, 'commit the change, or undo it'];
}

/** Attributes by which git changes a file when it checks it out. */
const ATTRIBUTES = ['filter', 'working-tree-encoding', 'ident', 'eol'];

/** Explains a difference that git does not see: by the first of the settings that hide it. */
function explainSetting(
  root: string,
  file: string,
  here: TreeEntry | undefined,
  there: CommitFile | undefined,
): Explanation {
  if (there === undefined) return NOT_COMMITTED;
  const isSet = (name: string) => askGit(root, ['config', '--type=bool', name]) === 'true';
  const again = `delete the file, and run: git checkout -- ${JSON.stringify(file)}`;
  if (here === undefined && isSet('core.sparseCheckout')) {
    return ['is left out by a sparse checkout', 'run: git sparse-checkout disable'];
  }
  if (here !== undefined && here.kind !== there.kind) {
    return [`is a ${here.kind} here, and a ${there.kind} in the commit (core.symlinks)`, again];
  }
  if (here !== undefined && here.executable !== there.executable) {
    const bit = here.executable ? 'is executable here only' : 'is executable in the commit only';
    return [`${bit} (core.fileMode)`, `run: git config core.fileMode true; ${again}`];
  }
  const args = ['check-attr', '-z', ...ATTRIBUTES, '--', file];
  const values = (askGit(root, args) ?? '').split('\0').filter((_, at) => at % 3 === 2);
  const attribute = ATTRIBUTES.find((name, at) => changesFiles(name, values[at]));
  if (here !== undefined && attribute !== undefined) {
    return [
      `is changed at checkout by the attribute ${attribute}=${values[ATTRIBUTES.indexOf(attribute)]}`,
      'take the attribute off it in .gitattributes, and commit the file as it is built from',
    ];
  }
  if (here !== undefined && isSet('core.autocrlf')) {
    return [
      'has other line ends than in the commit (core.autocrlf)',
      `run: git config core.autocrlf input; ${again}`,
    ];
  }
  const flags = '--no-assume-unchanged --no-skip-worktree';
  const problem = 'differs, and git is set to overlook it (assume-unchanged, skip-worktree)';
  return [problem, `run: git update-index ${flags} -- ${JSON.stringify(file)}`];
}

function changesFiles(name: string, value = 'unspecified'): boolean {
  return name === 'eol' ? value === 'crlf' : !['unspecified', 'unset'].includes(value);
}
