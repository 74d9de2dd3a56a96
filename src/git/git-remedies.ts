interface GitCause {
  /** What git or ssh print for this cause, and for no other. */
  readonly sign: RegExp;
  /** `$1` is the first group of the sign. */
  readonly remedy: string;
}

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
    sign: /not a git repository|cannot change to '/,
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
    sign: /^(?:fatal|error): (?:.* is (?:corrupt|empty)|.*: bad file|bad (?:object|tree) .*|not a tree object|invalid object .*|failed to unpack tree .*|unable to read (?:tree|sha1|[0-9a-f]{7}).*|inflate: data stream error.*)/m,
    remedy: DAMAGED,
  },
  {
    sign: /unknown revision/,
    remedy: 'check out a branch that has a commit',
  },
  {
    sign: /certificate has expired|certificate is not yet valid/,
    remedy: "check this machine's clock, or tell whoever runs the server",
  },
  {
    sign: /no alternative certificate|certificate subject name|hostname .* does not match/i,
    remedy: 'write the name that the certificate of the host has',
  },
  {
    sign: /SSL certificate|certificate verif(?:y|ication) failed/,
    remedy:
      "check the address; where the certificate is of an authority of your own, name that one's file in GIT_SSL_CAINFO",
  },
  {
    sign: /Could not resolve proxy|from proxy after CONNECT|returned error: 407|CONNECT tunnel failed|Proxy CONNECT aborted/,
    remedy: 'check HTTPS_PROXY, NO_PROXY and git config http.proxy, and the account in the address',
  },
  {
    sign: /returned error: 413\b/,
    remedy: 'have the host, or the proxy before it, take larger requests',
  },
  {
    sign: /Could not resolve host|Name or service not known|Temporary failure in name resolution/,
    remedy: 'check the name of the host in the address, and the DNS of this machine',
  },
  {
    sign: /Host key verification failed/,
    remedy: "compare the host's key with the one that it publishes, and add that to known_hosts",
  },
  {
    sign: /^remote: .*SAML SSO/m,
    remedy: 'authorize the token or the key of git for single sign-on of the organization',
  },
  {
    sign: /Too many authentication failures|Permission denied \(|Permission denied, please|could not read (?:Username|Password)|Authentication failed|returned error: 40[13]\b/,
    remedy:
      'give git credentials that may read it: a credential helper, or a key of ssh (in CI, let the checkout keep its credentials)',
  },
  {
    sign: /returned error: 429\b/,
    remedy: 'the host limits the rate: try again later',
  },
  {
    sign: /returned error: 5\d\d\b/,
    remedy: 'the host has an error of its own: try again later',
  },
  {
    sign: /repository '.*' not found$|^(?:remote: )?ERROR: Repository not found|does not appear to be a git repository|^remote: .*project you were looking for could not be found|repository '.*' does not exist$|returned error: 4(?:04|10)\b/m,
    remedy:
      'correct the address, or give git credentials that may see it: hosts hide what an account may not see',
  },
  {
    sign: /'remote-https?' is not a git command|cannot run ssh/,
    remedy: 'install what git needs for this address: its https helper, or ssh',
  },
  {
    sign: /transport '.+' not allowed|'remote-.+' is not a git command/,
    remedy: 'write the address with https:// or ssh://',
  },
  {
    sign: /is at \w+ but expected|shallow file has changed/,
    remedy: 'something else changed the repository meanwhile: run this again',
  },
  {
    sign: /couldn't find remote ref|not our ref|unadvertised object|did not match any/i,
    remedy: 'run this again: the remote has moved or deleted what it listed before',
  },
  {
    sign: /Failed to connect|Couldn't connect|Connection (?:refused|timed out|reset|closed)|Empty reply from server|Operation timed out|No route to host|Network is unreachable|early EOF|hung up unexpectedly|RPC failed/i,
    remedy:
      'check the port in the address, and that a firewall lets this machine reach the host; then try again',
  },
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
