/** Why git fails, and what to do about it. */
export interface GitCause {
  /** What git or ssh print for this cause, and for no other. */
  readonly sign: RegExp;
  /** `$1` is the first group of the sign. */
  readonly remedy: string;
}

const PROXY =
  'check HTTPS_PROXY, NO_PROXY and git config http.proxy, and the account in the address';

/** The causes that lie between git and a host, as git, curl, ssh and hosts print them; the first match counts. */
export const REMOTE_CAUSES: readonly GitCause[] = [
  {
    sign: /certificate has expired|certificate is not yet valid/,
    remedy: "check this machine's clock, or tell whoever runs the server",
  },
  {
    sign: /no alternative certificate|certificate subject name|hostname .* does not match/i,
    remedy: 'write the name that the certificate of the host has',
  },
  {
    sign: /certificate verify locations/,
    remedy: 'correct GIT_SSL_CAINFO, or git config http.sslCAInfo: the file cannot be read',
  },
  {
    sign: /SSL certificate|SSL peer certificate|certificate verif(?:y|ication) failed/,
    remedy:
      "check the address; where the certificate is of an authority of your own, name that one's file in GIT_SSL_CAINFO",
  },
  {
    sign: /wrong version number|gnutls_handshake\(\) failed|SSL_ERROR|SSL_connect/,
    remedy: 'check that the port in the address speaks TLS, and that nothing in between ends it',
  },
  {
    // curl names another host than that of the address.
    sign: /unable to access 'https?:\/\/(?:[^/'@]*@)?([^/':]+)(?=[/':])[^']*': (?:Failed to connect to|Could not resolve host:) (?!\1(?:\s|$))/,
    remedy: PROXY,
  },
  {
    sign: /Unsupported proxy syntax|Could not resolve proxy|from proxy after CONNECT|returned error: 407|CONNECT tunnel failed|Proxy CONNECT aborted/,
    remedy: PROXY,
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
    sign: /REMOTE HOST IDENTIFICATION HAS CHANGED/,
    remedy:
      'the host has another key than before: compare it with the one that it publishes, and replace that in known_hosts',
  },
  {
    sign: /Host key verification failed/,
    remedy: "compare the host's key with the one that it publishes, and add that to known_hosts",
  },
  {
    sign: /no matching \S+(?: \S+)? (?:type|method|algorithm|exchange) ?found|no matching cipher/i,
    remedy: 'ssh and the host have no algorithm in common: renew the older one, or use https',
  },
  {
    sign: /Permissions \d+ for '(.+)' are too open/,
    remedy: 'run: chmod 600 $1',
  },
  {
    sign: /^Load key .*(?:invalid format|error in libcrypto)/m,
    remedy: 'give ssh the whole key, with the line break at its end',
  },
  {
    sign: /^remote: .*archived/m,
    remedy: 'take the repository out of the archive',
  },
  {
    sign: /^remote: .*IP allow list/m,
    remedy: "run this on a machine in the organization's IP allow list",
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
    sign: /returned error: [34]\d\d\b|redirects followed|url base from redirection|not valid: .*is this a git repository|bad\/illegal format/,
    remedy: 'correct the address: what answers there is no git repository',
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
    sign: /couldn't find remote ref|not our ref|unadvertised object|did not match any/i,
    remedy: 'run this again: the remote has moved or deleted what it listed before',
  },
  {
    sign: /Failed to connect|Couldn't connect|Connection (?:refused|timed out|reset|closed)|Empty reply from server|Operation timed out|No route to host|Network is unreachable|early EOF|hung up unexpectedly|RPC failed/i,
    remedy:
      'check the port in the address, and that a firewall lets this machine reach the host; then try again',
  },
];
