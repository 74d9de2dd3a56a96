import { stackFile } from './options.ts';
import type { FileTree } from '../file-tree.ts';
import { workingTree } from '../git/working-tree.ts';
import { planStack, type StackPlan } from '../plan/plan-stack.ts';
import { collectProblems, InvalidInputError, type Problem } from '../problem.ts';
import type { ParsedSettings } from '../settings/parse-settings.ts';
import type { Settings } from '../settings/settings.ts';
import { parseStackSettings, type SettingsFile } from '../settings/stack-settings.ts';
import { loadText } from '../yaml/read-text.ts';

/**
 * Plans a stack of a checkout, by its settings. `catalog` is a path in it, by default the one that the settings
 * name; `tree` has all other files.
 */
export function planCheckout(
  root: string,
  stack: string,
  catalog?: string,
  tree: FileTree = workingTree(root),
): StackPlan {
  return planStack(tree, readSettings(workingTree(root), stack), catalog);
}

/** The settings of a stack, for commands that need no plan. Throws an InvalidInputError. */
export function requireSettings(tree: FileTree, stack: string): Settings {
  const parsed = readSettings(tree, stack);
  if ('settings' in parsed) return parsed.settings;
  throw new InvalidInputError(parsed.problems);
}

/** Reads `Pulumi.yaml` and `Pulumi.<stack>.yaml` at the top of the checkout. */
function readSettings(tree: FileTree, stack: string): ParsedSettings {
  const problems: Problem[] = [];
  const read = (file: string, remedy: string): SettingsFile | undefined => {
    const found: Problem[] = [];
    const text = collectProblems(found, () => loadText(tree, file, 'settings'));
    problems.push(
      ...found.map((each) => (each.code === 'FILE_MISSING' ? { ...each, remedy } : each)),
    );
    return text === undefined ? undefined : { file, text };
  };
  const project = read('Pulumi.yaml', "run this from the checkout's top directory");
  const settings = read(stackFile(stack), 'write it, or choose another stack with --stack');
  if (project === undefined || settings === undefined) return { problems };
  return parseStackSettings(project, settings);
}

/** A path in messages, as git writes it: `main:config/images.yml`, or the path alone. */
export function placeAtRevision(revision: string | undefined, file: string): string {
  return revision === undefined ? file : `${revision}:${file}`;
}

/**
 * Returns the result of `read`. Problems that it throws are placed in the revision, if there is one:
 * nobody can edit a commit, and the file in the checkout may be valid.
 */
export function atRevision<T>(revision: string | undefined, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (revision === undefined || !(error instanceof InvalidInputError)) throw error;
    throw new InvalidInputError(
      error.problems.map((problem) => ({
        ...problem,
        file: problem.file && placeAtRevision(revision, problem.file),
        remedy:
          problem.code === 'FILE_MISSING'
            ? 'compare with a revision that has the file of these settings'
            : problem.remedy,
      })),
    );
  }
}
