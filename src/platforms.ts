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

/** Whether an image of these platforms (`os/architecture[/variant]`) can be a base for `wanted`. */
export function offersPlatform(offered: readonly string[], wanted: string): boolean {
  const normal = offered.map(normalPlatform);
  return (COMPATIBLE[wanted] ?? [wanted]).some((platform) => normal.includes(platform));
}
