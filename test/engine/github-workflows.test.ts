import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { goOptions } from '../../infra/toolchain/go-module.ts';
import { runCommand } from '../../infra/toolchain/run-command.ts';
import { cacheFolder } from '../../src/git/cache-folder.ts';

const LINTER = 'github.com/rhysd/actionlint/cmd/actionlint';
const VERSION = 'v1.7.12';

/** Builds the linter from its Go module, once for a user. */
async function provideLinter(): Promise<string> {
  const folder = join(cacheFolder(), `actionlint-${VERSION}`);
  const command = join(folder, 'actionlint');
  if (existsSync(command)) return command;
  const env = { ...goOptions('.').env, GOBIN: folder };
  const install = ['install', '-ldflags', '-s -w', `${LINTER}@${VERSION}`];
  await runCommand('go', install, { env, timeout: 240_000 });
  return command;
}

it('every workflow is one that GitHub takes', async () => {
  const folder = '.github/workflows';
  const files = readdirSync(folder).map((file) => join(folder, file));
  expect(files.length).toBeGreaterThan(0);
  // Of May 2026, and unknown to the linter (rhysd/actionlint#657); ci-files.test.ts has its value.
  const ignored = ['-ignore', 'unexpected key "queue" for "concurrency" section'];
  expect(await runCommand(await provideLinter(), ['-no-color', ...ignored, ...files])).toBe('');
});
