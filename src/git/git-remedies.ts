/** The remedy for an object that a clone lacks, or can't read. */
export const DAMAGED =
  'the clone lacks objects, or they are damaged: see `git fsck`, and clone it anew';

const PROXY =
  'check HTTPS_PROXY, NO_PROXY and git config http.proxy, and the account in the address';

/**
 * The causes of failures, as git, curl, ssh and hosts print them, each with its remedy; the first match counts. `$1` is
 * the first group of the match.
 */
const CAUSES: readonly (readonly [sign: RegExp, remedy: string])[] = [
  [/(git config --global --add safe\.directory .+)/, 'if you trust it, run: $1'],
  [
    /from promisor remote/,
    'this is a partial clone: let `git fetch` work in it, or clone it without --filter',
  ],
  [
    /Out of memory|Cannot allocate memory|Resource temporarily unavailable/,
    'give this machine more memory, or run less on it at a time',
  ],
  [/Input\/output error/, 'the disk has an error: see the log of the system'],
  [/No space left on device|Disk quota exceeded/i, 'make room on the disk, then run this again'],
  [
    /Unable to create '(.+\.lock)': File exists/,
    'wait for the git process that holds the lock; if there is none, delete $1',
  ],
  [
    /could not lock config file (.+): File exists/,
    'wait for the git process that holds the lock; if there is none, delete $1.lock',
  ],
  [
    /^(?:fatal|error): .*(?:: Permission denied|: Read-only file system)$|insufficient permission for adding an object/m,
    'give this user access to the file that git names',
  ],
  [
    /not a git repository|cannot change to '|must be run in a work tree|safe\.bareRepository/,
    'this works at the top of a clone only: go there, or correct the path',
  ],
  [
    /^fatal: bad (?:numeric )?config |^error: (?:key does not contain|invalid key)/m,
    'correct the line of the configuration that git names',
  ],
  [
    /unknown repository extension|Expected git repo version/,
    'install a git that knows this kind of repository, or clone it anew',
  ],
  [
    /^fatal: .*index file (?:smaller|corrupt)/m,
    'the index is damaged: delete the file, and run: git reset',
  ],
  [
    /^(?:fatal|error): (?:.* is (?:corrupt|empty)|.*: bad file|bad (?:object|tree) .*|pack has bad object .*|not a tree object|invalid object (?!name ).*|failed to unpack tree .*|unable to read (?:tree|sha1|[0-9a-f]{7}).*|inflate: data stream error.*)/m,
    DAMAGED,
  ],
  [
    /unknown revision|bad revision|Needed a single revision|invalid object name/i,
    'check out a branch that has a commit',
  ],
  [
    /is at \w+ but expected|shallow file has changed/,
    'something else changed the repository meanwhile: run this again',
  ],

  // Between git and a host:
  [
    /certificate has expired|certificate is not yet valid/,
    "check this machine's clock, or tell whoever runs the server",
  ],
  [
    /no alternative certificate|certificate subject name|hostname .* does not match/i,
    'write the name that the certificate of the host has',
  ],
  [
    /certificate verify locations/,
    'correct GIT_SSL_CAINFO, or git config http.sslCAInfo: the file cannot be read',
  ],
  [
    /SSL certificate|SSL peer certificate|certificate verif(?:y|ication) failed/,
    "check the address; where the certificate is of an authority of your own, name that one's file in GIT_SSL_CAINFO",
  ],
  [
    /wrong version number|gnutls_handshake\(\) failed|SSL_ERROR|SSL_connect/,
    'check that the port in the address speaks TLS, and that nothing in between ends it',
  ],
  [
    // curl names another host than that of the address.
    /unable to access 'https?:\/\/(?:[^/'@]*@)?([^/':]+)(?=[/':])[^']*': (?:Failed to connect to|Could not resolve host:) (?!\1(?:\s|$))/,
    PROXY,
  ],
  [
    /Unsupported proxy syntax|Could not resolve proxy|from proxy after CONNECT|returned error: 407|CONNECT tunnel failed|Proxy CONNECT aborted/,
    PROXY,
  ],
  [/returned error: 413\b/, 'have the host, or the proxy before it, take larger requests'],
  [
    /Could not resolve host|Name or service not known|Temporary failure in name resolution/,
    'check the name of the host in the address, and the DNS of this machine',
  ],
  [
    /REMOTE HOST IDENTIFICATION HAS CHANGED/,
    'the host has another key than before: compare it with the one that it publishes, and replace that in known_hosts',
  ],
  [
    /Host key verification failed/,
    "compare the host's key with the one that it publishes, and add that to known_hosts",
  ],
  [
    /no matching \S+(?: \S+)? (?:type|method|algorithm|exchange) ?found|no matching cipher/i,
    'ssh and the host have no algorithm in common: renew the older one, or use https',
  ],
  [/Permissions \d+ for '(.+)' are too open/, 'run: chmod 600 $1'],
  [
    /^Load key .*(?:invalid format|error in libcrypto)/m,
    'give ssh the whole key, with the line break at its end',
  ],
  [/^remote: .*archived/m, 'take the repository out of the archive'],
  [/^remote: .*IP allow list/m, "run this on a machine in the organization's IP allow list"],
  [
    /^remote: .*SAML SSO/m,
    'authorize the token or the key of git for single sign-on of the organization',
  ],
  [
    /Too many authentication failures|Permission denied \(|Permission denied, please|could not read (?:Username|Password)|Authentication failed|returned error: 40[13]\b/,
    'give git credentials that may read it: a credential helper, or a key of ssh (in CI, let the checkout keep its credentials)',
  ],
  [/returned error: 429\b/, 'the host limits the rate: try again later'],
  [/returned error: 5\d\d\b/, 'the host has an error of its own: try again later'],
  [
    /repository '.*' not found$|^(?:remote: )?ERROR: Repository not found|does not appear to be a git repository|^remote: .*project you were looking for could not be found|repository '.*' does not exist$|returned error: 4(?:04|10)\b/m,
    'correct the address, or give git credentials that may see it: hosts hide what an account may not see',
  ],
  [
    /returned error: [34]\d\d\b|redirects followed|url base from redirection|not valid: .*is this a git repository|bad\/illegal format/,
    'correct the address: what answers there is no git repository',
  ],
  [
    /'remote-https?' is not a git command|cannot run ssh/,
    'install what git needs for this address: its https helper, or ssh',
  ],
  [
    /transport '.+' not allowed|'remote-.+' is not a git command/,
    'write the address with https:// or ssh://',
  ],
  [
    /couldn't find remote ref|not our ref|unadvertised object|did not match any/i,
    'run this again: the remote has moved or deleted what it listed before',
  ],
  [
    /Failed to connect|Couldn't connect|Connection (?:refused|timed out|reset|closed)|Empty reply from server|Operation timed out|No route to host|Network is unreachable|early EOF|hung up unexpectedly|RPC failed/i,
    'check the port in the address, and that a firewall lets this machine reach the host; then try again',
  ],
];

/** What to do about a failure of git, by its error output; `undefined` for a cause that git does not name. */
export function gitRemedy(stderr: string): string | undefined {
  for (const [sign, remedy] of CAUSES) {
    const found = sign.exec(stderr);
    if (found !== null) return remedy.replace('$1', () => found[1] ?? '');
  }
  return undefined;
}

/** The remedy for a failure whose cause only git's own message tells. */
export const SEE_GIT = 'mend what git says there, then run this again';
