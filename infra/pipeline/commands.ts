import { engineVariables } from './engine-variables.ts';
import type { Step } from './step.ts';

/** Asks the registry and Google again; the program runs, since it is what logs in to the registry. */
export const REFRESHING = ['--refresh', '--run-program'];

export const UNATTENDED = ['--non-interactive', '--suppress-outputs', '--color', 'never'];

/** Changes nothing; shows each difference whole, and ends with 7 when there is one. */
export const LOOKING = ['--expect-no-changes', '--diff'];

/** Publishes; one image that fails to build must not keep the others from being published. */
export const PUBLISHING = ['--yes', '--skip-preview', '--continue-on-error', '--suppress-progress'];

/** The exit code of `--expect-no-changes` for changes. */
export const CHANGES_FOUND = 7;

type Command = Pick<Step, 'command' | 'args' | 'variables'>;

/** The two commands that pipelines are made of: `node` runs this project's own, the engine is on PATH. */
export function commandsOf(stack: string, node: string) {
  return {
    images: (...args: string[]): Command => ({
      command: node,
      args: ['src/cli/images.ts', ...args, '--stack', stack],
    }),
    pulumi: (...args: string[]): Command => ({
      command: 'pulumi',
      args: [...args, '--stack', stack],
      variables: engineVariables(args),
    }),
  };
}
