/**
 * The names that distributions have for versions in the addresses of their images (Debian's package
 * distro-info-data, debian.csv and ubuntu.csv). Others have the number there.
 */
export const RELEASE_NAMES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  debian: {
    '10': 'buster',
    '11': 'bullseye',
    '12': 'bookworm',
    '13': 'trixie',
    '14': 'forky',
    '15': 'duke',
  },
  ubuntu: {
    '18.04': 'bionic',
    '20.04': 'focal',
    '22.04': 'jammy',
    '24.04': 'noble',
    '24.10': 'oracular',
    '25.04': 'plucky',
    '25.10': 'questing',
    '26.04': 'resolute',
    '26.10': 'stonking',
  },
};
