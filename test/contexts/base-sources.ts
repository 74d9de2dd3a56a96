/** Writes apt's sources as a base image of Docker Hub has them. */
export type Write = (
  archive: string,
  security: string,
  /** What allows lists that have expired: an option of each line, or a field of each stanza with its line's end. */
  isOld?: string,
) => string;

/** Debian 11's /etc/apt/sources.list. */
export const debianLines: Write = (archive, security, option = '') =>
  [
    '# deb http://snapshot.debian.org/archive/debian/20240904T000000Z bullseye main',
    `deb ${option}${archive} bullseye main`,
    '# deb http://snapshot.debian.org/archive/debian-security/20240904T000000Z bullseye-security main',
    `deb ${option}${security} bullseye-security main`,
    '# deb http://snapshot.debian.org/archive/debian/20240904T000000Z bullseye-updates main',
    `deb ${option}${archive} bullseye-updates main`,
    '',
  ].join('\n');

/** /etc/apt/sources.list.d/debian.sources, from Debian 12 on. */
export const debianStanzas = (suite: string): Write => {
  const keyring = `/usr/share/keyrings/debian-archive-keyring.${suite === 'bookworm' ? 'gpg' : 'pgp'}`;
  return (archive, security, field = '') => `Types: deb
# http://snapshot.debian.org/archive/debian/20250520T000000Z
${field}URIs: ${archive}
Suites: ${suite} ${suite}-updates
Components: main
Signed-By: ${keyring}

Types: deb
# http://snapshot.debian.org/archive/debian-security/20250520T000000Z
${field}URIs: ${security}
Suites: ${suite}-security
Components: main
Signed-By: ${keyring}
`;
};

/** Ubuntu's /etc/apt/sources.list, up to 22.04. */
export const ubuntuLines =
  (suite: string): Write =>
  (archive, security, option = '') =>
    `# See http://help.ubuntu.com/community/UpgradeNotes for how to upgrade to
# newer versions of the distribution.
deb ${option}${archive} ${suite} main restricted
# deb-src http://archive.ubuntu.com/ubuntu/ ${suite} main restricted

deb ${option}${archive} ${suite}-updates main restricted
deb ${option}${archive} ${suite} universe
deb ${option}${archive} ${suite}-backports main restricted universe multiverse
deb ${option}${security} ${suite}-security main restricted
# deb-src http://security.ubuntu.com/ubuntu/ ${suite}-security main restricted
`;

/** /etc/apt/sources.list.d/ubuntu.sources, from Ubuntu 24.04 on. */
export const ubuntuStanzas =
  (suite: string): Write =>
  (archive, security, field = '') =>
    `## Types: Append deb-src to enable the fetching of source package.
## URIs: A URL to the repository (you may add multiple URLs)
Types: deb
${field}URIs: ${archive}
Suites: ${suite} ${suite}-updates ${suite}-backports
Components: main universe restricted multiverse
Signed-By: /usr/share/keyrings/ubuntu-archive-keyring.gpg

## Ubuntu security updates. Aside from URIs and Suites,
## this should mirror your choices in the previous section.
Types: deb
${field}URIs: ${security}
Suites: ${suite}-security
Components: main universe restricted multiverse
Signed-By: /usr/share/keyrings/ubuntu-archive-keyring.gpg
`;
