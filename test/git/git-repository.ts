import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { temporaryFolder } from './temporary-folder.ts';

/** A path of a commit: a file by its content, an executable one, a symlink, or a submodule's commit. */
type GitFile =
  | string
  | Uint8Array
  | { readonly executable: string }
  | { readonly symlink: string | Uint8Array }
  | { readonly submodule: string };

/** Paths by their text; one that is not UTF-8 is written in Latin-1 after `latin1:`. */
export type GitFiles = Readonly<Record<string, GitFile>>;

/** A real repository whose branches are made without a work tree. */
export interface GitRepository {
  readonly root: string;
  readonly git: (...args: string[]) => string;
  /** Puts a branch on a new commit that has exactly these files; returns the commit's name. */
  readonly branch: (name: string, files: GitFiles) => string;
}

/** Whoever runs the tests may have a configuration of their own, which must not matter. */
export const GIT_ENVIRONMENT = {
  ...process.env,
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_SYSTEM: '/dev/null',
  GIT_AUTHOR_NAME: 'test',
  GIT_AUTHOR_EMAIL: 'test@example.org',
  GIT_COMMITTER_NAME: 'test',
  GIT_COMMITTER_EMAIL: 'test@example.org',
};

export function git(root: string, args: readonly string[], input: string | Uint8Array = '') {
  const options = { input, env: GIT_ENVIRONMENT, maxBuffer: 1024 ** 3, encoding: 'utf8' } as const;
  return execFileSync('git', ['-C', root, ...args], options).trim();
}

/** A new repository with `main` as its HEAD, bare unless it is to have a work tree. */
export function gitRepository(kind: 'bare' | 'checkout' = 'bare'): GitRepository {
  const root = temporaryFolder();
  git(root, ['init', '--quiet', '--initial-branch=main', ...(kind === 'bare' ? ['--bare'] : [])]);
  return {
    root,
    git: (...args) => git(root, args),
    branch: (name, files) => {
      git(root, ['fast-import', '--quiet', '--force'], fastImport(name, files));
      return git(root, ['rev-parse', `refs/heads/${name}`]);
    },
  };
}

/**
 * A stream for `git fast-import`: a commit on the branch with these files and no others, without a history unless
 * it follows `parent`.
 */
export function fastImport(branch: string, files: GitFiles, parent?: string): Buffer {
  const parts: (string | Uint8Array)[] = [
    `commit refs/heads/${branch}\n`,
    'committer test <test@example.org> 1790000000 +0000\ndata 4\nmade\n',
    parent === undefined ? '' : `from ${parent}\n`,
    'deleteall\n',
  ];
  for (const [path, file] of Object.entries(files)) {
    const { mode, content } = partsOf(file);
    const where = path.startsWith('latin1:') ? Buffer.from(path.slice(7), 'latin1') : path;
    if (mode === '160000') parts.push(`M ${mode} `, content, ' ', where, '\n');
    else parts.push(`M ${mode} inline `, where, `\ndata ${content.length}\n`, content, '\n');
  }
  return Buffer.concat(parts.map((part) => Buffer.from(part)));
}

/** Writes the files below a folder, except submodules. */
export function writeFiles(root: string, files: GitFiles): void {
  for (const [path, file] of Object.entries(files)) {
    const { mode, content } = partsOf(file);
    const place = join(root, path);
    mkdirSync(dirname(place), { recursive: true });
    if (mode === '120000') symlinkSync(content, place);
    else if (mode !== '160000')
      writeFileSync(place, content, { mode: mode === '100755' ? 0o755 : 0o644 });
  }
}

/** Git's mode of a file, and its content: of a symlink the target, of a submodule the commit. */
function partsOf(file: GitFile): { readonly mode: string; readonly content: Buffer } {
  if (typeof file === 'string' || file instanceof Uint8Array) {
    return { mode: '100644', content: Buffer.from(file) };
  }
  if ('symlink' in file) return { mode: '120000', content: Buffer.from(file.symlink) };
  if ('submodule' in file) return { mode: '160000', content: Buffer.from(file.submodule) };
  return { mode: '100755', content: Buffer.from(file.executable) };
}
