import type { Step } from './step.ts';

/** Asks the registry and Google again; the program runs, since it is what logs in to the registry. */
const REFRESHING = ['--refresh', '--run-program'];
const UNATTENDED = ['--non-interactive', '--suppress-outputs', '--color', 'never'];
/** Changes nothing; shows each difference whole, and ends with 7 when there is one. */
const LOOKING = ['--expect-no-changes', '--diff'];

/** The exit code of `--expect-no-changes` for changes. */
const CHANGES_FOUND = 7;

/** What a refresh is of, and where it is proposed; CI's own variables say what is left out. */
export interface RefreshOptions {
  readonly stack: string;
  readonly host?: string;
  readonly branch?: string;
}

/**
 * What the scheduled run of a stack does, in order, as commands in the checkout: `node` runs this project's
 * own, and the engine is the `pulumi` on PATH. None of them depends on the success of another: what is
 * published is what is in git, whether or not the catalog could be refreshed.
 */
export function refreshSteps(
  { stack, host, branch }: RefreshOptions,
  node: string,
): readonly Step[] {
  const images = (...args: string[]) => ({
    command: node,
    args: ['src/cli/images.ts', ...args, '--stack', stack],
  });
  const pulumi = (...args: string[]) => ({
    command: 'pulumi',
    args: [...args, '--stack', stack, ...UNATTENDED],
  });
  return [
    { name: 'refresh the catalog', ...images('refresh') },
    {
      name: 'propose it',
      ...images('propose', ...option('--host', host), ...option('--branch', branch)),
    },
    // What could not be proposed is not published either, whyever that was: only what is in git is.
    { name: 'keep to what is in git', command: 'git', args: ['checkout', 'HEAD', '--', '.'] },
    {
      // Before it is put right: afterwards, nobody could tell what had changed by itself.
      name: 'look for drift',
      ...pulumi('refresh', '--preview-only', '--run-program', ...LOOKING),
      news: { [CHANGES_FOUND]: 'drift: the stack is not as it was left' },
    },
    {
      name: 'publish, and put right',
      // One image that fails to build must not keep the others from being published.
      ...pulumi(
        'up',
        ...REFRESHING,
        '--yes',
        '--skip-preview',
        '--continue-on-error',
        '--suppress-progress',
      ),
    },
    { name: 'look again', ...pulumi('preview', ...REFRESHING, ...LOOKING) },
  ];
}

function option(name: string, value: string | undefined): readonly string[] {
  return value === undefined ? [] : [name, value];
}
