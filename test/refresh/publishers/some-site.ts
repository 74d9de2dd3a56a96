import { parseChecksum, type Checksum } from '../../../src/catalog/image.ts';
import { findDisks, type FoundDisk } from '../../../src/refresh/publishers/find-disks.ts';
import type { Ask, PinnedDisk, Release } from '../../../src/refresh/publishers/publisher.ts';

/** The texts at URLs: what a publisher has. */
export type Site = Readonly<Record<string, string>>;

/** So many times the same digit. */
export const hex = (digit: string, algorithm: 'sha256' | 'sha512' = 'sha256') =>
  digit.repeat(algorithm === 'sha256' ? 64 : 128);

/** `sha256:` or `sha512:` and the digit as often as it takes. */
export function sum(digit: string, algorithm: 'sha256' | 'sha512' = 'sha256'): Checksum {
  const checksum = parseChecksum(`${algorithm}:${hex(digit, algorithm)}`);
  if (checksum === undefined) throw new Error(`${digit} is no digit`);
  return checksum;
}

/** A directory's page as servers make one, with links that lead elsewhere too. */
export function page(...names: string[]): string {
  const links = ['../', '?C=N;O=D', '/icons/', ...names];
  return `<html><body><h1>Index of 1.2.3/</h1><pre>${links
    .map((name) => `<a href="${name}">${name.slice(0, 12)}..</a> 2026-01-01 12:00`)
    .join('\n')}</pre></body></html>`;
}

export function askOf(site: Site, asked: string[] = []): Ask {
  return (url) => {
    asked.push(url);
    return Promise.resolve(site[url]);
  };
}

export function pin(
  distribution: string,
  version: string,
  url: string,
  checksum: Checksum = sum('0'),
): PinnedDisk {
  return { url, checksum, releases: [{ distribution, version } satisfies Release] };
}

/** What is found for one disk. */
export async function find(disk: PinnedDisk, site: Site): Promise<FoundDisk | undefined> {
  return (await findDisks([disk], askOf(site))).get(disk.url);
}
