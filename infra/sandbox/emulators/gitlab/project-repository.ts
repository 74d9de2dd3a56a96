import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { runCommand, tryCommand } from '../../../toolchain/run-command.ts';
import type { Sandbox } from '../../sandbox.ts';
import { readTextFile, writeIfChanged } from '../../text-file.ts';
import type { Pipeline } from './pipelines.ts';

/** The branch that is published, here as in production. */
export const BRANCH = 'main';

/** Overrides settings of the user that would make another commit of the same files. */
const LITERALLY = ['-c', 'core.autocrlf=false', '-c', 'core.excludesFile='];

/**
 * Commits the checkout as it is, with the sandbox's own settings and catalog, to `main` of the repository
 * that the emulator holds, as a push would; creates the repository if there is none. Other branches stay.
 * Returns whether there was anything to commit.
 */
export async function pushCheckout(sandbox: Sandbox): Promise<boolean> {
  const { root, folder, project, stackFile, catalogFile } = sandbox;
  mkdirSync(folder, { recursive: true });
  await runCommand('git', ['init', '--quiet', '--bare', `--initial-branch=${BRANCH}`, project]);
  const env = {
    ...process.env,
    GIT_DIR: project,
    GIT_WORK_TREE: root,
    GIT_INDEX_FILE: join(project, 'checkout-index'),
    GIT_AUTHOR_NAME: 'sandbox',
    GIT_AUTHOR_EMAIL: 'sandbox@localhost',
    GIT_COMMITTER_NAME: 'sandbox',
    GIT_COMMITTER_EMAIL: 'sandbox@localhost',
  };
  const git = async (...args: string[]) =>
    (await runCommand('git', [...LITERALLY, ...args], { cwd: root, env })).trim();
  // GitLab takes push options; without this setting, git rejects them.
  await git('config', 'receive.advertisePushOptions', 'true');
  await git('add', '--all');
  const ignored = [stackFile, catalogFile].map((file) => relative(root, file));
  await git('add', '--force', '--', ...ignored);

  const tree = await git('write-tree');
  const known = await commitOf(project, BRANCH);
  if (known !== undefined && (await git('rev-parse', `${known}^{tree}`)) === tree) return false;
  const parent = known === undefined ? [] : ['-p', known];
  const commit = await git('commit-tree', ...parent, '-m', 'The checkout at npm start', tree);
  await git('update-ref', `refs/heads/${BRANCH}`, commit, known ?? '');
  return true;
}

/** The commit that a branch names; `undefined` when there is no such branch. */
export async function commitOf(project: string, branch: string): Promise<string | undefined> {
  const ref = `refs/heads/${branch}`;
  return tryCommand('git', ['-C', project, 'rev-parse', '--verify', '--quiet', ref]);
}

/** A file's content in a commit; `undefined` when it has none. */
export async function readFromProject(
  project: string,
  commit: string,
  path: string,
): Promise<string | undefined> {
  return runCommand('git', ['-C', project, 'show', `${commit}:${path}`]).catch(() => undefined);
}

/**
 * Updates the checkout's catalog to the one on `main`, as a pull would, after a pipeline that ran on the commit
 * `since`. A catalog that a user has changed stays; returns false if `main` has changed too.
 */
export async function pullCatalog(
  { root, project, catalogFile }: Sandbox,
  since: string,
): Promise<boolean> {
  const path = relative(root, catalogFile);
  const [before, after] = await Promise.all([
    readFromProject(project, since, path),
    readFromProject(project, BRANCH, path),
  ]);
  if (after === undefined || after === before) return true;
  const mine = readTextFile(catalogFile);
  if (mine !== before && mine !== after) return false;
  writeIfChanged(catalogFile, after);
  return true;
}

/** GitLab's own default for GIT_DEPTH. */
const DEPTH = '20';

/**
 * Clones the project to `checkout` as a runner of GitLab's does, shallow and with a detached HEAD; with the
 * dependencies in place, and the repository whose branches use the images.
 */
export async function cloneProject(
  { root, project, consumer }: Sandbox,
  { ref, sha }: Pick<Pipeline, 'ref' | 'sha'>,
  checkout: string,
): Promise<void> {
  rmSync(checkout, { recursive: true, force: true });
  // By a URL: git copies a repository at a path whole, whatever the depth.
  const origin = pathToFileURL(project).href;
  const clone = ['clone', '--quiet', '--depth', DEPTH, '--branch', ref, origin, checkout];
  await runCommand('git', clone);
  await runCommand('git', ['-C', checkout, 'checkout', '--quiet', '--detach', sha]);
  for (const shared of [join(root, 'node_modules'), consumer]) {
    symlinkSync(shared, join(checkout, relative(root, shared)));
  }
}
