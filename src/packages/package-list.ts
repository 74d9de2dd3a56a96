import { compareTexts } from '../compare-texts.ts';

/** An installed package. */
export interface Package {
  readonly name: string;
  /** As the package manager compares it, with the epoch where there is one. */
  readonly version: string;
  /** In the package manager's words, such as `amd64`, `x86_64`, `all` or `noarch`. */
  readonly architecture: string;
}

/** What is installed in an image. */
export interface PackageList {
  readonly format: 'deb' | 'rpm';
  /** `ID` and `VERSION_ID` of os-release, such as `debian` and `12`; empty where it lacks them. */
  readonly distribution: { readonly id: string; readonly version: string };
  /** Sorted by name, architecture and version, by code units; never empty. */
  readonly packages: readonly Package[];
}

/** The package list of an image, or why there is none. */
export type Packages =
  | { readonly kind: 'known'; readonly list: PackageList }
  | { readonly kind: 'unknown'; readonly reason: string };

/**
 * A program for a POSIX shell, which prints what `parsePackages` reads. It asks rpm where dpkg knows of no package, and
 * ends with the exit code of what it asked. The rpm of busybox has no version, and no database.
 */
export const LIST_SCRIPT = `
LC_ALL=C
export LC_ALL
for file in /etc/os-release /usr/lib/os-release; do
  if [ -r "$file" ]; then
    ( . "$file"; printf 'distribution\\t%s\\t%s\\n' "\${ID:-linux}" "\${VERSION_ID:-}" )
    break
  fi
done
if [ -n "$(dpkg-query -W 2>/dev/null)" ]; then
  format=deb
elif rpm --version >/dev/null 2>&1; then
  format=rpm
elif dpkg-query --version >/dev/null 2>&1; then
  format=deb
else
  format=none
fi
printf 'format\\t%s\\n' "$format"
case "$format" in
  deb) dpkg-query -W -f '\${Package}\\t\${Version}\\t\${Architecture}\\t\${Status}\\n' ;;
  rpm) rpm -qa --qf '%{NAME}\\t%|EPOCH?{%{EPOCH}:}|%{VERSION}-%{RELEASE}\\t%{ARCH}\\n' ;;
esac
code=$?
printf 'end\\t%s\\n' "$code"
exit "$code"
`.trim();

/** States of dpkg in which a package is configured. */
const CONFIGURED = new Set(['installed', 'triggers-awaited', 'triggers-pending']);

/** Keys for signatures, which rpm keeps as packages. */
const RPM_KEY = 'gpg-pubkey';

const LINE = /^([A-Za-z0-9][\w.+-]*)\t([\w.+:~^-]+)\t([\w-]+|\(none\))(?:\t(\w+ \w+ [\w-]+))?$/;

/** Far more than any system has, and few enough for a blob that is read at once. */
const MOST_PACKAGES = 10_000;
const MOST_PRINTED = 1_000_000;

/** Reads what `LIST_SCRIPT` has printed. Anything that is missing or cannot be read makes the list unknown. */
export function parsePackages(printed: string): Packages {
  if (printed.length > MOST_PRINTED) return unknown('its list is longer than that of any system');
  const lines = printed.split(/\r*\n/).filter((line) => line.trim() !== '');
  const end = lines.at(-1);
  if (end === undefined || !/^end\t\d+$/.test(end)) return unknown('the list breaks off');
  if (end !== 'end\t0') return unknown('its package manager failed');
  let distribution = { id: 'linux', version: '' };
  let format: string | undefined;
  // A broken database may have one twice, in different states.
  const packages = new Map<string, Package>();
  for (const line of lines.slice(0, -1)) {
    const [key, first = '', second = ''] = line.split('\t');
    if (format === undefined && key === 'distribution') {
      distribution = { id: first, version: second };
    } else if (format === undefined && key === 'format') {
      format = first;
    } else {
      const [, name, version, architecture, status] = LINE.exec(line) ?? [];
      if (format === undefined || name === undefined || version === undefined)
        return noPackage(line);
      if (architecture === undefined || (format === 'deb') !== (status !== undefined))
        return noPackage(line);
      if (format === 'deb' && !CONFIGURED.has(status?.split(' ')[2] ?? '')) continue;
      if (format === 'rpm' && name === RPM_KEY) continue;
      packages.set(`${name} ${version} ${architecture}`, { name, version, architecture });
    }
  }
  if (format === 'none') return unknown('neither dpkg nor rpm is in it');
  if (format !== 'deb' && format !== 'rpm') return unknown('the list breaks off');
  if (packages.size > MOST_PACKAGES) return unknown(`it lists more than ${MOST_PACKAGES} packages`);
  if (packages.size === 0) return unknown(`its ${format} database has no installed package`);
  return {
    kind: 'known',
    list: { format, distribution, packages: sortPackages([...packages.values()]) },
  };
}

export function unknown(reason: string): Packages {
  return { kind: 'unknown', reason };
}

function noPackage(line: string): Packages {
  return unknown(
    `its package manager printed a line that names no package: ${JSON.stringify(line.slice(0, 100))}`,
  );
}

/** By code units. */
export function sortPackages(packages: readonly Package[]): readonly Package[] {
  return packages.toSorted(
    (a, b) =>
      compareTexts(a.name, b.name) ||
      compareTexts(a.architecture, b.architecture) ||
      compareTexts(a.version, b.version),
  );
}
