import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PrerequisiteError } from './prerequisite-error.ts';
import { type CommandOptions, runCommand } from './run-command.ts';
import { type DownloadLock, LOCK_FILE, LOCK_REMEDY } from './unpack-archive.ts';

/** A Go module in one version. */
export interface GoModule {
  readonly module: string;
  /** Without the `v`. */
  readonly version: string;
}

/** Several times the time that two cores need; a build that hangs must end. */
const BUILD_MS = 1_800_000;

const ENVIRONMENT = {
  // The linker leaves the tables for debuggers out (`-s -w`). The compiler takes an eighth of its time for them.
  GOFLAGS: '-buildvcs=false -mod=mod -trimpath -gcflags=all=-dwarf=false',
  GOWORK: 'off',
  // Trades memory for a tenth of the time: the compiler rarely collects garbage. It takes up to 2 GB.
  GOGC: '400',
};

/** The names that the lock has for a module: those of its lines in a `go.sum`. */
export function sumNames({ module, version }: GoModule): readonly string[] {
  return ['', '/go.mod'].map((file) => `${module} v${version}${file}`);
}

/** The lines of `go.sum` that the lock has for these modules. Throws a PrerequisiteError for one without. */
export function goSums(modules: readonly GoModule[], lock: DownloadLock): string {
  return modules
    .flatMap(sumNames)
    .map((name) => {
      const sum = lock[name];
      if (sum === undefined) {
        throw new PrerequisiteError(`${name} has no digest in ${LOCK_FILE}`, LOCK_REMEDY);
      }
      return `${name} ${sum}\n`;
    })
    .join('');
}

/** How Go runs in a module of our own, in the folder `source`. */
export function goOptions(source: string): CommandOptions {
  return { cwd: source, env: { ...process.env, ...ENVIRONMENT }, timeout: BUILD_MS };
}

/**
 * Makes a module of our own in `source`, from which a program of another module can be built, and returns the folder of
 * that one. The digest of the other module covers the list of the digests of all that it requires.
 */
export async function requireModule(
  go: string,
  source: string,
  { module, version }: GoModule,
  sums: string,
): Promise<string> {
  mkdirSync(source);
  writeFileSync(
    join(source, 'go.mod'),
    `module build\n\ngo 1.24\n\nrequire ${module} v${version}\n`,
  );
  writeFileSync(join(source, 'go.sum'), sums);
  const options = goOptions(source);
  await runCommand(go, ['mod', 'download', module], options);
  const found = await runCommand(go, ['list', '-m', '-f', '{{.Dir}}', module], options);
  const folder = found.trim();
  appendFileSync(join(source, 'go.sum'), readFileSync(join(folder, 'go.sum')));
  return folder;
}
