import { appendFileSync, chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, vi } from 'vitest';
import { CATALOG, checkout, commitAll } from './checkout-fixture.ts';
import { printedBy } from './printed-by.ts';
import { git, gitRepository, type GitRepository } from '../git/git-repository.ts';
import { temporaryFolder } from '../git/temporary-folder.ts';

export const FILE = 'config/images.yml';
export const OLD = `sha256:${'a'.repeat(64)}`;
export const NEW = `sha256:${'b'.repeat(64)}`;
export const NEWER = `sha256:${'c'.repeat(64)}`;

/** Variables that say where something runs and as whom: those of whoever runs the tests do not count. */
const VARIABLES = [
  'GITLAB_CI',
  'GITHUB_ACTIONS',
  'CI_COMMIT_BRANCH',
  'GITHUB_REF_NAME',
  'BRANCH_NAME',
  'GITHUB_TOKEN',
  'GITHUB_REPOSITORY',
  'GITHUB_API_URL',
  'IMAGES_PUSH_TOKEN',
  'CI_JOB_TOKEN',
  'GIT_AUTHOR_NAME',
  'GIT_AUTHOR_EMAIL',
  'GIT_COMMITTER_NAME',
  'GIT_COMMITTER_EMAIL',
];

/** How pipelines and people have a repository. */
export type CloneKind = 'clone on main' | 'detached checkout of a shallow clone';

/** Where the commits of a mode go. */
export const BRANCHES = { commit: 'main', 'merge-request': 'images-refresh' } as const;

export type Mode = keyof typeof BRANCHES;

/** A repository on a server, and a clone of it whose catalog has just been refreshed. */
export function proposing(mode: Mode, kind: CloneKind = 'clone on main') {
  const all = cloning(mode, kind);
  refreshTo(all.root, NEW);
  return all;
}

/** A repository on a server, and a clone of it. `catalog` is its catalog, if not the fixture's, and `files` are beside it. */
export function cloning(mode: Mode, kind: CloneKind, catalog = CATALOG, files = {}) {
  for (const name of VARIABLES) vi.stubEnv(name, undefined);
  vi.stubEnv('GIT_CONFIG_GLOBAL', '/dev/null');
  vi.stubEnv('GIT_CONFIG_SYSTEM', '/dev/null');
  const server = serverWith(mode, { ...files, [FILE]: catalog });
  const clone = () => cloneOf(server, kind);
  const tip = (branch: string) => server.git('rev-parse', `refs/heads/${branch}`);
  const root = clone();
  return {
    server,
    root,
    /** Another clone, as the next pipeline has it. */
    clone,
    start: tip('main'),
    tip,
    read: () => readFileSync(join(root, FILE), 'utf8'),
  };
}

function cloneOf(server: GitRepository, kind: CloneKind): string {
  const isWhole = kind === 'clone on main';
  const root = temporaryFolder();
  const depth = isWhole ? [] : ['--depth=1'];
  git(root, ['clone', '--quiet', ...depth, `file://${server.root}`, root]);
  if (!isWhole) git(root, ['checkout', '--quiet', '--detach']);
  return root;
}

function serverWith(mode: Mode, files: Record<string, string>): GitRepository {
  const server = gitRepository();
  server.git('config', 'receive.advertisePushOptions', 'true');
  const seed = checkout(files);
  const setting = `  kubernetes-ci-images:refreshChanges: ${mode}\n`;
  appendFileSync(join(seed, 'Pulumi.prod.yaml'), setting);
  git(seed, ['init', '--quiet', '--initial-branch=main']);
  git(seed, ['commit', '--quiet', '--allow-empty', '--message=start']);
  commitAll(seed, 'catalog');
  git(seed, ['push', '--quiet', server.root, 'main']);
  return server;
}

/** Somebody else commits to a branch of the server; returns the commit. */
export function somebodyCommits(server: GitRepository, branch: string, from = branch): string {
  const other = temporaryFolder();
  git(other, ['clone', '--quiet', '--branch', from, server.root, other]);
  git(other, ['commit', '--quiet', '--allow-empty', '--message=theirs']);
  git(other, ['push', '--quiet', 'origin', `HEAD:refs/heads/${branch}`]);
  return git(other, ['rev-parse', 'HEAD']);
}

/** What `images refresh` does to the catalog, without a registry. */
export function refreshTo(root: string, digest: string): void {
  const place = join(root, FILE);
  writeFileSync(place, readFileSync(place, 'utf8').replace(/sha256:\w+/, digest));
}

/** Checks that a commit has one parent and differs from it in the catalog only, which has this digest. */
export function expectProposal(
  server: GitRepository,
  commit: string,
  parent: string,
  digest: string,
): void {
  expect(server.git('rev-parse', `${commit}^`)).toBe(parent);
  expect(server.git('diff', '--name-only', parent, commit)).toBe(FILE);
  expect(server.git('show', `${commit}:${FILE}`)).toContain(digest);
}

/** Checks that a checkout is on a commit and as in it, with this digest. */
export function expectCheckout(root: string, commit: string, digest: string): void {
  expect(git(root, ['rev-parse', 'HEAD'])).toBe(commit);
  expect(git(root, ['status', '--porcelain'])).toBe('');
  expect(readFileSync(join(root, FILE), 'utf8')).toContain(digest);
}

export function writeHook(repository: string, name: string, script: string): void {
  const place = join(repository, 'hooks', name);
  writeFileSync(place, `#!/bin/sh\n${script}\n`);
  chmodSync(place, 0o755);
}

export function propose(root: string, ...args: string[]) {
  return printedBy(root, 'propose', ...args);
}
