import { sortPackages, type Packages } from '../../src/packages/package-list.ts';

/** A known list, from lines such as `openssl 3.0.17-1 amd64`. */
export function packagesOf(format: 'deb' | 'rpm', lines: readonly string[]): Packages {
  const packages = lines.map((line) => {
    const [name = '', version = '', architecture = ''] = line.split(' ');
    return { name, version, architecture };
  });
  const distribution = { id: format === 'deb' ? 'debian' : 'fedora', version: '12' };
  return { kind: 'known', list: { format, distribution, packages: sortPackages(packages) } };
}
