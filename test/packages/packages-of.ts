import { diffPackages } from '../../src/packages/diff-packages.ts';
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

type ByPlatform = Readonly<Record<string, Packages>>;

/** The differences for each platform of the second; unknown where the first lacks it, and the other way round. */
export function diffPlatforms(before: ByPlatform, after: ByPlatform) {
  const none = { kind: 'unknown', reason: 'there is no image' } as const;
  const platforms = new Set([...Object.keys(before), ...Object.keys(after)]);
  return Object.fromEntries(
    Array.from(platforms, (platform) => {
      return [platform, diffPackages(before[platform] ?? none, after[platform] ?? none)];
    }),
  );
}
