import {
  askGit,
  GitError,
  HEADS,
  NETWORK_TIMEOUT_MS,
  quietly,
  runForBoth,
  runQuietly,
} from './run-git.ts';
import { parseCommitObject, type CommitObject } from './commit-object.ts';
import { explainPush, pushCredentials } from './push-credentials.ts';
import { inputError } from '../problem.ts';
import type { Environment } from '../environment.ts';
import { redact } from '../redact.ts';

/** Lines that give no reason for a failed push. */
const NOISE = /^(?:To .*|Done|hint: .*|error: failed to push some refs .*)$/gm;

export interface Push {
  readonly commit: string;
  readonly branch: string;
  /** What the branch must be on to be replaced, `none` if it must not be there; else it only grows. */
  readonly replacing?: string;
  /** `key` or `key=value`, for the host (`git push --push-option`). */
  readonly options?: readonly string[];
}

/** Its functions throw an InvalidInputError that quotes git. */
export interface PushRemote {
  readonly name: string;
  /** The commits of branches as of now, without branches that do not exist. */
  tips(branches: readonly string[]): ReadonlyMap<string, string>;
  /** The commit that a branch was just seen on. */
  read(branch: string, commit: string): CommitObject;
  /** Returns the host's messages, without secrets. */
  push(push: Push): string;
}

/** A remote of the checkout. Credentials are git's own and those of `environment`. */
export function pushRemote(checkout: string, name: string, environment: Environment): PushRemote {
  const { env, secrets } = pushCredentials(environment, addressesOf(checkout, name));
  const run = (what: string, args: readonly string[]) => {
    try {
      return runForBoth(checkout, quietly(args), { env, timeoutMs: NETWORK_TIMEOUT_MS });
    } catch (error) {
      if (!(error instanceof GitError)) throw error;
      throw explainPush(what, error.output.replaceAll(NOISE, ''), secrets, environment);
    }
  };
  return {
    name,
    tips: (branches) => {
      const refs = branches.map((branch) => HEADS + branch);
      const { stdout } = run(`read ${name}`, ['ls-remote', '--', name, ...refs]);
      const lines = stdout.toString().split('\n');
      const found = lines.flatMap((line): [string, string][] => {
        const [commit, ref] = line.split('\t');
        // A pattern also finds refs that only end like it.
        if (commit === undefined || ref === undefined || !refs.includes(ref)) return [];
        return [[ref.slice(HEADS.length), commit]];
      });
      return new Map(found);
    },
    read: (branch, commit) => {
      if (askGit(checkout, ['cat-file', '-e', `${commit}^{commit}`]) === undefined) {
        run(`fetch ${branch} of ${name}`, fetchArgs(checkout, name, branch));
      }
      return parseCommitObject(runQuietly(checkout, ['cat-file', 'commit', commit]));
    },
    push: (push) => {
      const { stderr } = run(`push to ${push.branch} of ${name}`, pushArgs(name, push));
      const lines = stderr.split('\n').flatMap((line) => /^remote:(.*)/.exec(line)?.[1] ?? []);
      return redact(lines.join('\n'), secrets);
    },
  };
}

function addressesOf(checkout: string, name: string): readonly string[] {
  const remote = (...args: string[]) => runQuietly(checkout, ['remote', ...args]).trim();
  if (!remote().split('\n').includes(name)) {
    const remedy = 'name one with --remote that `git remote` lists';
    throw inputError('REMOTE_MISSING', `this clone has no remote ${name}`, remedy);
  }
  return [remote('get-url', '--', name), remote('get-url', '--push', '--', name)];
}

/** No ref changes. A shallow checkout stays shallow, and one with all its history does not become so. */
function fetchArgs(checkout: string, name: string, branch: string): readonly string[] {
  const isShallow = runQuietly(checkout, ['rev-parse', '--is-shallow-repository']).trim();
  const options = ['--quiet', '--no-tags', '--no-write-fetch-head', '--no-recurse-submodules'];
  const depth = isShallow === 'true' ? ['--depth=1'] : [];
  return ['fetch', ...options, ...depth, '--refmap=', '--', name, HEADS + branch];
}

function pushArgs(name: string, { commit, branch, replacing, options = [] }: Push) {
  const ref = HEADS + branch;
  const lease = replacing === 'none' ? '' : replacing;
  return [
    'push',
    '--porcelain',
    '--no-verify',
    '--no-follow-tags',
    '--recurse-submodules=no',
    ...options.flatMap((option) => ['--push-option', option]),
    ...(lease === undefined ? [] : [`--force-with-lease=${ref}:${lease}`]),
    '--',
    name,
    `${commit}:${ref}`,
  ];
}
