/** What Docker can build for on Linux, as `os/architecture[/variant]` (BuildKit's emulator list). */
export const PLATFORMS = [
  'linux/amd64',
  'linux/amd64/v2',
  'linux/amd64/v3',
  'linux/arm64',
  'linux/arm/v7',
  'linux/arm/v6',
  'linux/arm/v5',
  'linux/386',
  'linux/loong64',
  'linux/mips64le',
  'linux/ppc64le',
  'linux/riscv64',
  'linux/s390x',
] as const;

export type Platform = (typeof PLATFORMS)[number];

/** A platform → the variants that its processors run, best first (containerd, "platforms"). */
const COMPATIBLE: Readonly<Record<string, readonly string[]>> = {
  'linux/amd64/v3': ['linux/amd64/v3', 'linux/amd64/v2', 'linux/amd64'],
  'linux/amd64/v2': ['linux/amd64/v2', 'linux/amd64'],
  'linux/arm/v7': ['linux/arm/v7', 'linux/arm/v6', 'linux/arm/v5'],
  'linux/arm/v6': ['linux/arm/v6', 'linux/arm/v5'],
};

/** Other names of the same platforms. */
const IMPLIED: Readonly<Record<string, string>> = {
  'linux/amd64/v1': 'linux/amd64',
  'linux/arm64/v8': 'linux/arm64',
  'linux/arm': 'linux/arm/v7',
};

/** The name of a platform, `os/architecture[/variant]`, that the catalog has for it. */
export function normalPlatform(platform: string): string {
  return IMPLIED[platform] ?? platform;
}

/** Architectures by the names that machines and distributions have for them (containerd, "platforms"). */
const ARCHITECTURES: Readonly<Record<string, string>> = {
  aarch64: 'arm64',
  armel: 'arm/v6',
  armhf: 'arm/v7',
  i386: '386',
  x86_64: 'amd64',
};

/** The platform on Linux that somebody may mean by another name, or by its architecture alone. */
export function meantPlatform(text: string): string {
  const [architecture = '', ...variant] = text.replace(/^linux\//, '').split('/');
  const name = ARCHITECTURES[architecture] ?? architecture;
  return normalPlatform(['linux', name, ...variant].join('/'));
}

/** Whether an image of these platforms (`os/architecture[/variant]`) can be a base for `wanted`. */
export function offersPlatform(offered: readonly string[], wanted: string): boolean {
  const normal = offered.map(normalPlatform);
  return (COMPATIBLE[wanted] ?? [wanted]).some((platform) => normal.includes(platform));
}
