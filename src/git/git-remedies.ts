import { REMOTE_CAUSES, type GitCause } from './remote-remedies.ts';

/** The remedy for an object that a clone lacks, or can't read. */
export const DAMAGED =
  'the clone lacks objects, or they are damaged: see `git fsck`, and clone it anew';

/** The causes of failures that git names in its error output; the first match counts. */
const CAUSES: readonly GitCause[] = [
  {
    sign: /(git config --global --add safe\.directory .+)/,
    remedy: 'if you trust it, run: $1',
  },
  {
    sign: /from promisor remote/,
    remedy: 'this is a partial clone: let `git fetch` work in it, or clone it without --filter',
  },
  {
    sign: /Out of memory|Cannot allocate memory|Resource temporarily unavailable/,
    remedy: 'give this machine more memory, or run less on it at a time',
  },
  {
    sign: /Input\/output error/,
    remedy: 'the disk has an error: see the log of the system',
  },
  {
    sign: /No space left on device|Disk quota exceeded/i,
    remedy: 'make room on the disk, then run this again',
  },
  {
    sign: /Unable to create '(.+\.lock)': File exists/,
    remedy: 'wait for the git process that holds the lock; if there is none, delete $1',
  },
  {
    sign: /could not lock config file (.+): File exists/,
    remedy: 'wait for the git process that holds the lock; if there is none, delete $1.lock',
  },
  {
    sign: /^(?:fatal|error): .*(?:: Permission denied|: Read-only file system)$|insufficient permission for adding an object/m,
    remedy: 'give this user access to the file that git names',
  },
  {
    sign: /not a git repository|cannot change to '|must be run in a work tree|safe\.bareRepository/,
    remedy: 'this works at the top of a clone only: go there, or correct the path',
  },
  {
    sign: /^fatal: bad (?:numeric )?config |^error: (?:key does not contain|invalid key)/m,
    remedy: 'correct the line of the configuration that git names',
  },
  {
    sign: /unknown repository extension|Expected git repo version/,
    remedy: 'install a git that knows this kind of repository, or clone it anew',
  },
  {
    sign: /^fatal: .*index file (?:smaller|corrupt)/m,
    remedy: 'the index is damaged: delete the file, and run: git reset',
  },
  {
    sign: /^(?:fatal|error): (?:.* is (?:corrupt|empty)|.*: bad file|bad (?:object|tree) .*|pack has bad object .*|not a tree object|invalid object (?!name ).*|failed to unpack tree .*|unable to read (?:tree|sha1|[0-9a-f]{7}).*|inflate: data stream error.*)/m,
    remedy: DAMAGED,
  },
  {
    sign: /unknown revision|bad revision|Needed a single revision|invalid object name/i,
    remedy: 'check out a branch that has a commit',
  },
  {
    sign: /is at \w+ but expected|shallow file has changed/,
    remedy: 'something else changed the repository meanwhile: run this again',
  },
  ...REMOTE_CAUSES,
];

/** What to do about a failure of git, by its error output; `undefined` for a cause that git does not name. */
export function gitRemedy(stderr: string): string | undefined {
  for (const { sign, remedy } of CAUSES) {
    const found = sign.exec(stderr);
    if (found !== null) return remedy.replace('$1', () => found[1] ?? '');
  }
  return undefined;
}

/** The remedy for a failure whose cause only git's own message tells. */
export const SEE_GIT = 'mend what git says there, then run this again';
