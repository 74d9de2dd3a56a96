import { isReachable } from './probe.ts';
import type { Progress } from './report.ts';
import { unpackArchive, type ArchiveOptions } from './unpack-archive.ts';

const RELEASES = 'https://get.pulumi.com/releases/sdk/';

/** The URL of the official engine; `platform` such as `linux-x64`. */
export function engineArchive(version: string, platform: string, releases = RELEASES): string {
  return `${releases}pulumi-v${version}-${platform}.tar.gz`;
}

/**
 * Downloads the official engine so that its executable is `folder/bin/pulumi`, as `unpackArchive` does. Returns
 * `undefined`, or why it can't be downloaded.
 */
export async function downloadEngine(
  folder: string,
  version: string,
  progress: Progress,
  options: Omit<ArchiveOptions, 'inside' | 'strip'> & { readonly releases?: string } = {},
): Promise<string | undefined> {
  const { releases = RELEASES } = options;
  if (!(await isReachable(releases))) return `${new URL(releases).host} can't be reached`;
  const url = engineArchive(version, `${process.platform}-${process.arch}`, releases);
  // The archive has everything in one folder, `pulumi`.
  return unpackArchive(url, folder, { ...options, inside: 'bin', strip: 1 }, progress);
}
