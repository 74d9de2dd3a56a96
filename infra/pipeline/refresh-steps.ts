import {
  CHANGES_FOUND,
  commandsOf,
  LOOKING,
  PUBLISHING,
  REFRESHING,
  UNATTENDED,
} from './commands.ts';
import type { Step } from './step.ts';

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
  const { images, pulumi } = commandsOf(stack, node);
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
      ...pulumi('refresh', '--preview-only', '--run-program', ...LOOKING, ...UNATTENDED),
      news: { [CHANGES_FOUND]: 'drift: the stack is not as it was left' },
    },
    {
      name: 'publish, and put right',
      ...pulumi('up', ...REFRESHING, ...PUBLISHING, ...UNATTENDED),
    },
    { name: 'look again', ...pulumi('preview', ...REFRESHING, ...LOOKING, ...UNATTENDED) },
  ];
}

function option(name: string, value: string | undefined): readonly string[] {
  return value === undefined ? [] : [name, value];
}
