import { existsSync, globSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { cacheFolder } from '../../src/git/cache-folder.ts';
import { type GoModule, goOptions, goSums, requireModule } from './go-module.ts';
import { waitForLock } from './lock.ts';
import { PrerequisiteError } from './prerequisite-error.ts';
import { findCommand } from './programs.ts';
import { CommandError, runCommand } from './run-command.ts';
import { LOCK } from './unpack-archive.ts';

/** Registries that are built from Go modules, each by its package `cmd/registry`. */
export const GO_REGISTRIES = {
  distribution: { module: 'github.com/distribution/distribution/v3', version: '3.1.0' },
  'go-containerregistry': { module: 'github.com/google/go-containerregistry', version: '0.22.1' },
} as const satisfies Readonly<Record<string, GoModule>>;

/** The path of a registry's program: in the user's cache, or built now, which takes a minute or two. */
export async function provideGoRegistry(
  name: keyof typeof GO_REGISTRIES,
  note: (line: string) => void,
): Promise<string> {
  const required = GO_REGISTRIES[name];
  const folder = join(cacheFolder(), `${name}-${required.version}`);
  const command = join(folder, 'registry');
  if (existsSync(command)) return command;
  const go = findCommand('go');
  if (go === undefined) {
    throw new PrerequisiteError(`there is no Go to build ${name} with`, 'install Go');
  }
  const release = await waitForLock(`${folder}.lock`, (holder) => {
    note(`waiting for process ${holder}, which builds ${name} already`);
  });
  try {
    if (existsSync(command)) return command;
    note(`building the registry ${name} ${required.version} from Go modules, once for a user`);
    await build(go, required, folder);
    return command;
  } finally {
    release?.();
  }
}

/** `folder` appears whole or not at all. */
async function build(go: string, required: GoModule, folder: string): Promise<void> {
  const sums = goSums([required], LOCK);
  // A killed run leaves unfinished folders.
  for (const left of globSync(`${folder}.??????`)) rmSync(left, { recursive: true, force: true });
  mkdirSync(dirname(folder), { recursive: true });
  const workspace = mkdtempSync(`${folder}.`);
  const source = join(workspace, 'source');
  try {
    await requireModule(go, source, required, sums);
    const program = `${required.module}/cmd/registry`;
    await runCommand(go, ['get', `${program}@v${required.version}`], goOptions(source));
    const result = join(workspace, 'result/registry');
    await runCommand(go, ['build', '-ldflags', '-s -w', '-o', result, program], goOptions(source));
    renameSync(dirname(result), folder);
  } catch (cause) {
    if (!(cause instanceof CommandError)) throw cause;
    const problem = `${required.module} could not be built: ${cause.message}`;
    throw new PrerequisiteError(problem, 'let Go reach its module proxy, then try again', {
      cause,
    });
  } finally {
    rmSync(workspace, { recursive: true, force: true });
  }
}
