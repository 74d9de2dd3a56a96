import type { Package, PackageList } from './package-list.ts';

type Context = Pick<PackageList, 'format' | 'distribution'>;

/** Vendors whose name in package URLs is not the `ID` of their os-release. */
const VENDORS: Readonly<Record<string, string>> = { rhel: 'redhat' };

/**
 * The package URL of a package (package-url/purl-spec, types `deb` and `rpm`). The epoch of an rpm is a qualifier; that
 * of a deb is a part of the version.
 */
export function packageUrl(
  { name, version, architecture }: Package,
  { format, distribution: { id, version: release } }: Context,
): string {
  const parts = format === 'rpm' ? /^(\d+):(.*)$/.exec(version) : null;
  const [, epoch = '', rest = version] = parts ?? [];
  const vendor = id.startsWith('opensuse') ? 'opensuse' : (VENDORS[id] ?? id);
  // By name, as the spec orders them.
  const qualifiers = [
    ['arch', architecture],
    ['distro', release === '' ? id : `${id}-${release}`],
    ['epoch', epoch],
  ].flatMap(([key, value = '']) => (value === '' ? [] : `${key}=${encoded(value)}`));
  const path = [format, vendor, name].map(encoded).join('/');
  return `pkg:${path}@${encoded(rest)}?${qualifiers.join('&')}`;
}

/** Percent-encodes all but letters, digits, `-`, `.`, `_`, `~` and `:`. */
function encoded(text: string): string {
  return encodeURIComponent(text)
    .replaceAll('%3A', ':')
    .replaceAll(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** The format and the architecture of a package, which SPDX has in the package URL only. */
export function readPackageUrl(
  text: string,
): { readonly format: PackageList['format']; readonly architecture: string } | undefined {
  const url = URL.parse(text);
  const format = url?.pathname.split('/')[0];
  const architecture = url?.searchParams.get('arch') ?? '';
  if (url?.protocol !== 'pkg:' || (format !== 'deb' && format !== 'rpm')) return undefined;
  return architecture === '' ? undefined : { format, architecture };
}
