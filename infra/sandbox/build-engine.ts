import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { CommandError, runCommand } from './run-command.ts';
import { PrerequisiteError } from './prerequisite-error.ts';

const MODULE = 'github.com/pulumi/pulumi/pkg/v3';
const SDK = 'github.com/pulumi/pulumi/sdk/v3';

/** Several times what two cores need; a build that hangs must end. */
const BUILD_MS = 1_800_000;

/**
 * Builds the engine's executable `folder/bin/pulumi` from Go modules, with the Go at `go`. `folder`
 * appears whole or not at all.
 *
 * A module of our own requires the engine's: `go install package@version` refuses modules with
 * replace directives, and the engine's has some.
 */
export async function buildEngine(
  folder: string,
  version: string,
  go: string,
  note: (line: string) => void,
): Promise<void> {
  mkdirSync(dirname(folder), { recursive: true });
  const workspace = mkdtempSync(`${folder}.`);
  const source = join(workspace, 'source');
  mkdirSync(source);
  writeFileSync(join(source, 'go.mod'), 'module engine\n\ngo 1.24\n');
  writeFileSync(
    join(source, 'tools.go'),
    `//go:build tools\n\npackage engine\n\nimport _ "${MODULE}/cmd/pulumi"\n`,
  );
  const options = {
    cwd: source,
    env: { ...process.env, GOFLAGS: '-buildvcs=false -mod=mod', GOWORK: 'off' },
    timeout: BUILD_MS,
  };
  // The engine states the version that is linked in; without, plug-ins take it for a development build.
  const link = `-s -w -X ${SDK}/go/common/version.Version=v${version}`;
  const result = join(workspace, 'pulumi/bin/pulumi');
  try {
    note('resolving Go modules');
    await runCommand(go, ['get', `${MODULE}/cmd/pulumi@v${version}`], options);
    note('compiling');
    const build = ['build', '-trimpath', '-ldflags', link, '-o', result, `${MODULE}/cmd/pulumi`];
    await runCommand(go, build, options);
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
