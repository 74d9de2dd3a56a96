/** Numbers of a dotted version, most significant first; what follows them (`-rc.1`, `+build`) is left out. */
export type Version = readonly number[];

/** Reads `v3.274.1`, `20.10.24+dfsg1` and the like; `undefined` when no number leads. */
export function parseVersion(text: string): Version | undefined {
  const numbers = /^v?(\d+(?:\.\d+)*)/.exec(text.trim())?.[1];
  return numbers?.split('.').map(Number);
}

/** Numerically, part by part, so that 3.99 is older than 3.215; missing parts count as 0. */
export function isAtLeast(version: Version, minimum: Version): boolean {
  for (let part = 0; part < Math.max(version.length, minimum.length); part++) {
    const difference = (version[part] ?? 0) - (minimum[part] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}
