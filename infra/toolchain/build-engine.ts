import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { type GoModule, goOptions, goSums, requireModule } from './go-module.ts';
import { PrerequisiteError } from './prerequisite-error.ts';
import type { Progress } from './report.ts';
import { CommandError, type CommandOptions, runCommand } from './run-command.ts';
import { LOCK } from './unpack-archive.ts';

const MODULE = 'github.com/pulumi/pulumi/pkg/v3';
const SDK = 'github.com/pulumi/pulumi/sdk/v3';
const COMMAND = `${MODULE}/cmd/pulumi`;

/** A build tag of the client for Google's storage: leaves out gRPC, which the engine never uses. */
const TAGS = 'disable_grpc_modules';

/** The files of the package of `pulumi api` that other commands use. */
const API_KEPT = ['envelope.go', 'resolve.go'];

/** Replaces the other files of that package. */
const NO_API = `package cloud

import "github.com/spf13/cobra"

func NewAPICmd() *cobra.Command { return &cobra.Command{Use: "api", Hidden: true} }

type ParamSpec struct{}
`;

const SETUP_COMMAND = /^\tcmd\.AddCommand\(newSetup(?:AWS|Azure|GCP)Cmd\(setup\)\)\n/gm;

/**
 * Builds the engine's executable `folder/bin/pulumi` from Go modules, with the Go at `go`. `folder`
 * appears whole or not at all. Leaves out `pulumi api` and `pulumi env setup`, a third of the code: they
 * browse Pulumi Cloud's API, and set up accounts at AWS, Azure and Google.
 *
 * A module of our own requires the engine's: `go install package@version` rejects replace directives.
 */
export async function buildEngine(
  folder: string,
  version: string,
  go: string,
  progress: Progress,
  lock = LOCK,
): Promise<void> {
  const sums = goSums(engineModules(version), lock);
  mkdirSync(dirname(folder), { recursive: true });
  const workspace = mkdtempSync(`${folder}.`);
  const source = join(workspace, 'source');
  const options = goOptions(source);
  // Sets the version that the engine states; without it, plug-ins take it for a development build.
  const link = `-s -w -X ${SDK}/go/common/version.Version=v${version}`;
  const result = join(workspace, 'pulumi/bin/pulumi');
  try {
    progress.count(0, 0, '');
    progress.at('downloading Go modules');
    const module = await requireModule(go, source, { module: MODULE, version }, sums);
    await runCommand(go, ['get', `${COMMAND}@v${version}`], options);
    leaveOut(module, join(source, 'pkg'));
    await runCommand(go, ['mod', 'edit', `-replace=${MODULE}=./pkg`], options);
    progress.at('compiling');
    await compile(go, ['-tags', TAGS, '-ldflags', link, '-o', result], options, progress);
    rmSync(folder, { recursive: true, force: true });
    renameSync(join(workspace, 'pulumi'), folder);
  } catch (cause) {
    if (!(cause instanceof CommandError)) throw cause;
    throw new PrerequisiteError(
      `the Pulumi engine could not be built: ${cause.message}`,
      'install Pulumi yourself (https://www.pulumi.com/docs/install/), then try again',
      { cause },
    );
  } finally {
    rmSync(workspace, { recursive: true, force: true });
  }
}

/** The modules of the engine, each in the version of the engine. */
export function engineModules(version: string): readonly GoModule[] {
  return [MODULE, SDK].map((module) => ({ module, version }));
}

/** Copies the engine's module without its tests and without the two commands that are left out. */
function leaveOut(module: string, copy: string): void {
  cpSync(module, copy, {
    recursive: true,
    filter: (file) => !file.endsWith('_test.go') && !/\/cmd\/esc\/cli\/setup_\w+\.go$/.test(file),
  });
  // Go's module cache is read-only.
  chmodSync(copy, 0o755);
  for (const { parentPath, name } of readdirSync(copy, { recursive: true, withFileTypes: true })) {
    chmodSync(join(parentPath, name), 0o755);
  }
  const api = join(copy, 'cmd/pulumi/cloud');
  for (const name of readdirSync(api)) {
    if (!API_KEPT.includes(name)) rmSync(join(api, name), { recursive: true });
  }
  writeFileSync(join(api, 'api.go'), NO_API);
  const setup = join(copy, 'cmd/esc/cli/setup.go');
  const text = readFileSync(setup, 'utf8');
  writeFileSync(setup, text.replaceAll(SETUP_COMMAND, '').replace('setup := &setup', '_ = &setup'));
}

/** Go names each package once it is compiled. */
async function compile(
  go: string,
  args: readonly string[],
  options: CommandOptions,
  { count }: Progress,
): Promise<void> {
  const packages = ['-tags', TAGS, '-f', '{{if .Stale}}{{.ImportPath}}{{end}}', COMMAND];
  const stale = await runCommand(go, ['list', '-deps', ...packages], options);
  const total = stale.split('\n').filter(Boolean).length;
  let done = 0;
  const onLine = () => {
    done += 1;
    count(Math.min(done, total), total, 'packages');
  };
  await runCommand(go, ['build', '-v', ...args, COMMAND], { ...options, onLine });
}
