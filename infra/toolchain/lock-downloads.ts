import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fetchWithRetry } from '../../src/http/fetch-with-retry.ts';
import { httpFailure } from '../../src/http/http-failure.ts';
import { engineModules } from './build-engine.ts';
import { sumNames } from './go-module.ts';
import { GO_REGISTRIES } from './go-registries.ts';
import { pluginArchive } from './plugins.ts';
import { ENGINE_VERSION, engineArchive } from './pulumi-engine.ts';
import { notesTo } from './report.ts';
import { digestOfDownload, type DownloadLock, LOCK, LOCK_FILE } from './unpack-archive.ts';

/** Where Go's own checksum database is served from (golang.org/ref/mod, "Checksum database"). */
const GO_SUMS = 'https://proxy.golang.org/sumdb/sum.golang.org/lookup/';
const LARGEST_SUMS = 100_000;

/** The archives of the engine and of the plug-ins, for each platform. */
export const ARCHIVES: readonly string[] = ['linux', 'darwin'].flatMap((system) => [
  ...['x64', 'arm64'].map((cpu) => engineArchive(ENGINE_VERSION, `${system}-${cpu}`)),
  ...(['docker', 'gcp'] as const).flatMap((name) =>
    ['amd64', 'arm64'].map((cpu) => pluginArchive(name, `${system}-${cpu}`)),
  ),
]);

/** What is built: the engine, and registries for tests. */
const GO_MODULES = [...engineModules(ENGINE_VERSION), ...Object.values(GO_REGISTRIES)];

interface Sources {
  /** The `sha256:` of what is at a URL. */
  readonly archive: (url: string) => Promise<string>;
  /** The response of Go's checksum database for `<module>@v<version>`. */
  readonly goSums: (module: string) => Promise<string>;
}

/**
 * The lock for today's versions. A digest that is locked stays, whatever is served today. `missing` has the
 * downloads without a digest, with the reason.
 */
export async function lockDownloads(
  earlier: DownloadLock,
  { archive, goSums }: Sources,
): Promise<{ readonly lock: DownloadLock; readonly missing: readonly string[] }> {
  const lock: Record<string, string> = {};
  const missing: string[] = [];
  const add = async (keys: readonly string[], look: () => Promise<readonly string[]>) => {
    try {
      const known = keys.map((key) => earlier[key]);
      const found = known.includes(undefined) ? await look() : [];
      for (const [index, key] of keys.entries()) {
        const digest = known[index] ?? found[index];
        if (digest !== undefined) lock[key] = digest;
      }
    } catch (error) {
      missing.push(`${keys[0] ?? ''}: ${httpFailure(error, 1).reason}`);
    }
  };
  for (const required of GO_MODULES) {
    const names = sumNames(required);
    await add(names, async () => {
      const { module, version } = required;
      const lines = (await goSums(`${module}@v${version}`)).split('\n');
      return names.map((name) => {
        const line = lines.find((each) => each.startsWith(`${name} h1:`));
        if (line === undefined) throw new Error('the database does not have it');
        return line.slice(name.length + 1);
      });
    });
  }
  for (const url of ARCHIVES) await add([url], async () => [await archive(url)]);
  return { lock, missing };
}

/** `npm run lock-downloads`. Returns the exit code: 1 when a digest could not be had. */
async function main(): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'lock-downloads-'));
  try {
    const { lock, missing } = await lockDownloads(LOCK, {
      archive: (url) => digestOfDownload(url, notesTo(console.error), join(folder, 'archive')),
      async goSums(module) {
        const url = new URL(`${GO_SUMS}${module}`);
        const response = await fetchWithRetry({ url, largestBody: LARGEST_SUMS });
        if ('failure' in response) throw new Error(response.reason);
        if (response.status !== 200) throw new Error(`the database responded ${response.status}`);
        return response.bytes.toString();
      },
    });
    writeFileSync(LOCK_FILE, `${JSON.stringify(lock, null, 2)}\n`);
    console.log(`${LOCK_FILE} has ${Object.keys(lock).length} digests. Commit it.`);
    for (const line of missing) console.error(`without a digest: ${line}`);
    return missing.length === 0 ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (import.meta.main) process.exitCode = await main();
