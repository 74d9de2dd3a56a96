/** Variants that a processor of the first one runs as well, best first (containerd, "platforms"). */
const COMPATIBLE: Readonly<Record<string, readonly string[]>> = {
  'linux/amd64/v3': ['linux/amd64/v3', 'linux/amd64/v2', 'linux/amd64'],
  'linux/amd64/v2': ['linux/amd64/v2', 'linux/amd64'],
  'linux/arm/v7': ['linux/arm/v7', 'linux/arm/v6', 'linux/arm/v5'],
  'linux/arm/v6': ['linux/arm/v6', 'linux/arm/v5'],
};

/** Variants that go without saying. */
const IMPLIED: Readonly<Record<string, string>> = {
  'linux/amd64/v1': 'linux/amd64',
  'linux/arm64/v8': 'linux/arm64',
  'linux/arm': 'linux/arm/v7',
};

/** Whether an image of these platforms (`os/architecture[/variant]`) can be a base for `wanted`. */
export function offersPlatform(offered: readonly string[], wanted: string): boolean {
  const normal = offered.map((platform) => IMPLIED[platform] ?? platform);
  return (COMPATIBLE[wanted] ?? [wanted]).some((platform) => normal.includes(platform));
}
