import type { FileTree } from '../file-tree.ts';
import { workingTree } from '../git/working-tree.ts';
import { planStack, type StackPlan } from '../plan/plan-stack.ts';
import { InvalidInputError, type Problem } from '../problem.ts';
import type { ParsedSettings } from '../settings/parse-settings.ts';
import type { Settings } from '../settings/settings.ts';
import { parseStackSettings, type SettingsFile } from '../settings/stack-settings.ts';
import { readDocument } from '../yaml/read-text.ts';

/** Plans a stack of a checkout. `catalog` is a path in it, by default the one that the settings name. */
export function planCheckout(root: string, stack: string, catalog?: string): StackPlan {
  const tree = workingTree(root);
  return planStack(tree, readSettings(tree, stack), catalog);
}

/** The settings of a stack, for commands that need no plan. Throws an InvalidInputError. */
export function requireSettings(tree: FileTree, stack: string): Settings {
  const parsed = readSettings(tree, stack);
  if ('settings' in parsed) return parsed.settings;
  throw new InvalidInputError(parsed.problems);
}

/** Reads `Pulumi.yaml` and `Pulumi.<stack>.yaml` at the top of the checkout. */
function readSettings(tree: FileTree, stack: string): ParsedSettings {
  const project = readSource(tree, 'Pulumi.yaml', "run this from the checkout's top directory");
  const file = `Pulumi.${stack}.yaml`;
  const settings = readSource(tree, file, 'write it, or choose another stack with --stack');
  if ('text' in project && 'text' in settings) return parseStackSettings(project, settings);
  return { problems: [project, settings].filter((source) => 'code' in source) };
}

function readSource(tree: FileTree, file: string, remedy: string): SettingsFile | Problem {
  const read = readDocument(tree, file, 'settings');
  if ('text' in read) return { file, text: read.text };
  return read.problem.code === 'FILE_MISSING' ? { ...read.problem, remedy } : read.problem;
}

/** A path in messages, as git writes it: `main:config/images.yml`, or the path alone. */
export function placeAtRevision(revision: string | undefined, file: string): string {
  return revision === undefined || file === '' ? file : `${revision}:${file}`;
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
        file: placeAtRevision(revision, problem.file),
        remedy:
          problem.code === 'FILE_MISSING'
            ? 'compare with a revision that has the file of these settings'
            : problem.remedy,
      })),
    );
  }
}
