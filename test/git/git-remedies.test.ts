import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { git, gitRepository } from './git-repository.ts';
import { gitRemedy } from '../../src/git/git-remedies.ts';
import { GitError, runGit } from '../../src/git/run-git.ts';

const NO_READ = `fatal: Could not read from remote repository.

Please make sure you have the correct access rights
and the repository exists.`;
const UNABLE = "fatal: unable to access 'https://git.test/a.git/': ";

test.each([
  [`${UNABLE}Could not resolve host: git.test`, /DNS/],
  [`ssh: Could not resolve hostname git.test: Name or service not known\n${NO_READ}`, /DNS/],
  [`${UNABLE}Could not resolve proxy: proxy.test`, /HTTPS_PROXY/],
  [`${UNABLE}Received HTTP code 407 from proxy after CONNECT`, /HTTPS_PROXY/],
  [`${UNABLE}CONNECT tunnel failed, response 403`, /HTTPS_PROXY/],
  [`${UNABLE}server certificate verification failed. CAfile: none CRLfile: none`, /GIT_SSL_CAINFO/],
  [`${UNABLE}SSL certificate problem: self-signed certificate`, /GIT_SSL_CAINFO/],
  [
    `${UNABLE}Failed to connect to git.test port 443 after 9 ms: Couldn't connect to server`,
    /firewall/,
  ],
  [`ssh: connect to host git.test port 22: Connection refused\n${NO_READ}`, /firewall/],
  [`${UNABLE}SSL certificate problem: certificate has expired`, /clock/],
  [
    `${UNABLE}SSL: no alternative certificate subject name matches target host name 'x'`,
    /^write the name/,
  ],
  [`${UNABLE}The requested URL returned error: 413`, /larger requests/],
  [`kex_exchange_identification: Connection closed by remote host\n${NO_READ}`, /firewall/],
  ['error: cannot run ssh: No such file or directory\nfatal: unable to fork', /^install/],
  ["git: 'remote-https' is not a git command. See 'git --help'.", /^install/],
  ["git: 'remote-foo' is not a git command. See 'git --help'.", /https:\/\/ or ssh/],
  [
    `remote: The 'x' organization has enforced SAML SSO.\n${UNABLE}The requested URL returned error: 403`,
    /single sign-on/,
  ],
  [
    "error: unable to read askpass response from 'x'\nfatal: could not read Username for 'x'",
    /may read/,
  ],
  ["fatal: cannot lock ref 'HEAD': is at 12ab but expected 34cd", /meanwhile/],
  ['fatal: early EOF\nfatal: fetch-pack: invalid index-pack output', /firewall/],
  [`${UNABLE}The requested URL returned error: 403`, /credentials that may read/],
  ["fatal: could not read Username for 'https://git.test': terminal prompts disabled", /may read/],
  ["fatal: Authentication failed for 'https://git.test/a.git/'", /may read/],
  [`git@git.test: Permission denied (publickey).\n${NO_READ}`, /may read/],
  [`Host key verification failed.\n${NO_READ}`, /known_hosts/],
  [`${UNABLE}The requested URL returned error: 429`, /limits the rate/],
  [`${UNABLE}The requested URL returned error: 503`, /error of its own/],
  [
    "remote: Repository not found.\nfatal: repository 'https://git.test/a.git/' not found",
    /may see/,
  ],
  [`ERROR: Repository not found.\n${NO_READ}`, /may see/],
  [`remote: ERROR: The project you were looking for could not be found\n${NO_READ}`, /may see/],
  ["fatal: couldn't find remote ref refs/heads/gone", /run this again/],
  ['fatal: remote error: upload-pack: not our ref 12ab', /run this again/],
  ['fatal: write error: No space left on device', /room on the disk/],
  [
    "error: could not fetch 12ab from promisor remote\nfatal: could not read Username for 'x'",
    /partial/,
  ],
  ["fatal: Unable to create '/a/.git/index.lock': Permission denied", /access to the file/],
  [
    "warning: unable to access '/root/.gitconfig': Permission denied\nfatal: something else",
    undefined,
  ],
  [`${UNABLE}Failed to connect to proxy.test port 3128 after 1 ms`, /HTTPS_PROXY/],
  [`${UNABLE}Could not resolve host: proxy.test`, /HTTPS_PROXY/],
  [`${UNABLE}Unsupported proxy syntax in 'x:1y'`, /HTTPS_PROXY/],
  [`${UNABLE}error:0A00010B:SSL routines::wrong version number`, /speaks TLS/],
  [
    `${UNABLE}gnutls_handshake() failed: The TLS connection was non-properly terminated.`,
    /speaks TLS/,
  ],
  [`${UNABLE}OpenSSL SSL_connect: SSL_ERROR_SYSCALL in connection to git.test:443`, /speaks TLS/],
  [`${UNABLE}error setting certificate verify locations:  CAfile: /x`, /^correct GIT_SSL_CAINFO/],
  [`${UNABLE}SSL peer certificate or SSH remote key was not OK`, /GIT_SSL_CAINFO/],
  [`${UNABLE}The requested URL returned error: 400`, /^correct the address/],
  [`${UNABLE}Maximum (20) redirects followed`, /^correct the address/],
  ['fatal: unable to update url base from redirection:\n  asked for: x', /^correct the address/],
  ['fatal: https://git.test/a not valid: is this a git repository?', /^correct the address/],
  [
    `remote: Repository was archived so is read-only.\n${UNABLE}The requested URL returned error: 403`,
    /out of the archive/,
  ],
  [
    `remote: The owner has an IP allow list enabled\n${UNABLE}The requested URL returned error: 403`,
    /allow list/,
  ],
  [
    `Permissions 0644 for '/k' are too open.\nPermission denied (publickey).\n${NO_READ}`,
    /chmod 600/,
  ],
  [`Load key "/k": invalid format\nPermission denied (publickey).\n${NO_READ}`, /whole key/],
  [
    `WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!\nHost key verification failed.\n${NO_READ}`,
    /replace/,
  ],
  [
    `Unable to negotiate with 1.2.3.4 port 22: no matching host key type found.\n${NO_READ}`,
    /https/,
  ],
  ['fatal: Out of memory, malloc failed (tried to allocate 1 bytes)', /memory/],
  ['error: cannot fork() for git-remote-https: Resource temporarily unavailable', /memory/],
  ["fatal: fsync error on '.git/x': Input/output error", /disk has an error/],
  ['fatal: pack has bad object at offset 12: inflate returned -5', /git fsck/],
  ["fatal: invalid object name 'HEAD'.", /a commit$/],
  ['fatal: Needed a single revision', /a commit$/],
  ['fatal: this operation must be run in a work tree', /top of a clone/],
  ['fatal: something else', undefined],
])('for %j the remedy is %s', (stderr, remedy) => {
  const found = gitRemedy(stderr);
  expect(found).toEqual(remedy && (expect.stringMatching(remedy) as unknown));
});

/** The error of a real git, for a checkout in which something is broken. */
function errorOf(args: readonly string[], spoil: (root: string) => unknown): GitError {
  const { root, branch } = gitRepository('checkout');
  branch('main', { file: 'content' });
  spoil(root);
  try {
    runGit(root, args);
  } catch (error) {
    if (error instanceof GitError) return error;
    throw error;
  }
  throw new Error(`git ${args.join(' ')} did not fail`);
}

const nothing = () => undefined;
const write =
  (path: string, text = '') =>
  (root: string) => {
    writeFileSync(join(root, '.git', path), text);
  };

test.each([
  [['ls-remote', '/nowhere/x.git'], nothing, /^'\/nowhere/, /^correct the address/],
  [
    ['-c', 'http.proxy=', 'ls-remote', 'https://127.0.0.1:9/x'],
    nothing,
    /127\.0\.0\.1/,
    /firewall/,
  ],
  [
    ['-c', 'protocol.allow=never', 'ls-remote', 'https://a.test/'],
    nothing,
    /not allowed/,
    /https:/,
  ],
  [['add', 'file'], write('index.lock'), /index\.lock/, /delete .*index\.lock$/],
  [['config', 'a.b', 'c'], write('config.lock'), /config/, /delete \.git\/config\.lock$/],
  [['status'], write('index', 'junk'), /index file/, /git reset/],
  [['status'], write('config', '[bad'), /^bad config line \d/, /^correct the line/],
  [['status'], write('HEAD', 'junk'), /^not a git repository/, /top of a clone/],
  [
    ['rev-parse', 'HEAD^{commit}'],
    write('HEAD', 'ref: refs/heads/x\n'),
    /unknown rev/,
    /a commit$/,
  ],
  [['cat-file', 'blob', '12'.repeat(20)], nothing, /bad file/, /git fsck/],
  [['ls-tree', 'main'], breakObject, /corrupt/, /git fsck/],
])('git %j fails with its own words, and the remedy of them', (args, spoil, message, remedy) => {
  const error = errorOf(args, spoil);
  expect(error.message).toMatch(message);
  expect(error.remedy).toMatch(remedy);
});

/** Replaces the commit by an object that can't be read. */
function breakObject(root: string): void {
  const commit = git(root, ['rev-parse', 'main']);
  const file = join(root, '.git/objects', commit.slice(0, 2), commit.slice(2));
  rmSync(file);
  writeFileSync(file, 'junk');
}
