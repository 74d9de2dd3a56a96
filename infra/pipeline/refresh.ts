import { constants } from 'node:os';
import { join } from 'node:path';
import { Command, CommanderError } from 'commander';
import { changedFiles } from './changed-files.ts';
import { formatResults } from './format-results.ts';
import { refreshSteps, type RefreshOptions } from './refresh-steps.ts';
import { runSteps } from './run-steps.ts';
import { hostOption } from '../../src/cli/host-option.ts';
import { parseStackName } from '../../src/cli/stack-name.ts';
import { GitError } from '../../src/git/run-git.ts';

// `npm run refresh-pipeline -- --stack prod`: what the schedule starts in CI, whoever's CI it is.
process.exitCode = await main(process.argv.slice(2));

/** The exit code: 0 when every step was done, 1 when one failed, 2 for a wrong command line. */
async function main(args: readonly string[]): Promise<number> {
  const program = new Command('refresh-pipeline')
    .description('Refreshes the catalog, proposes it, publishes, puts right, and reports drift')
    .option('--stack <name>', 'the stack to refresh', parseStackName, 'prod')
    .addOption(hostOption())
    .option('--branch <name>', 'what to propose it for; by default what the pipeline runs on')
    .allowExcessArguments(false)
    .exitOverride();
  try {
    return await refresh(program.parse(args, { from: 'user' }).opts<RefreshOptions>());
  } catch (error) {
    if (error instanceof GitError) {
      console.error(
        `not begun, since git does not know what is in this checkout: ${error.message}`,
      );
      return 1;
    }
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? 0 : 2;
  }
}

async function refresh(options: RefreshOptions): Promise<number> {
  const root = join(import.meta.dirname, '../..');
  const changes = changedFiles(root);
  if (changes !== '') {
    console.error(
      `not begun, since these files are not as in git; commit or stash them:\n${changes}`,
    );
    return 1;
  }
  const stop = new AbortController();
  let ending = 0;
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      ending = 128 + constants.signals[name];
      stop.abort();
    });
  }
  const steps = refreshSteps(options, process.execPath);
  const results = await runSteps(steps, { root, say: console.log, stop: stop.signal });
  console.log(`\n${formatResults(results)}`);
  if (ending === 0) return results.some((result) => result.ending === 'failed') ? 1 : 0;
  console.log('Stopped before the end; the next run begins anew.');
  return ending;
}
