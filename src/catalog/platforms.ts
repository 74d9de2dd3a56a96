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

/** Applies where neither an image nor the defaults name a platform; never the host's. */
export const DEFAULT_PLATFORM = 'linux/amd64' satisfies (typeof PLATFORMS)[number];
