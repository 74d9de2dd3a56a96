import type { DockerCommand, DockerResult, RunDocker } from '../../src/build/run-docker.ts';

/** A stand-in for the docker command: responds by subcommand, keeps the calls, throws on any other subcommand. */
export function scriptedDocker(responses: Readonly<Record<string, DockerResult>>): {
  run: RunDocker;
  calls: DockerCommand[];
} {
  const calls: DockerCommand[] = [];
  const run: RunDocker = ({ args, env }, { onLine }) => {
    calls.push({ args, env });
    const result = responses[args[0] ?? ''];
    if (result === undefined) throw new Error(`docker ${args.join(' ')} was not expected`);
    for (const line of result.lines) onLine?.(line);
    return Promise.resolve(result);
  };
  return { run, calls };
}

export const succeeded = (...lines: readonly string[]): DockerResult => ({ code: 0, lines });
