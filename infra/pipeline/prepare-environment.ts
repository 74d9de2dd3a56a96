import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { googleCredentials } from './google-credentials.ts';
import { InvalidInputError } from '../../src/problem.ts';
import { resolveEngine } from '../toolchain/pulumi-engine.ts';
import { notesTo } from '../toolchain/report.ts';

/** The environment that a pipeline's steps run in. */
export interface PreparedEnvironment {
  readonly env: NodeJS.ProcessEnv;
  /** Removes what was written for it. */
  readonly clear: () => void;
}

/**
 * Finds or fetches the engine, and logs in to Google where the pipeline has an identity for it. Throws an
 * InvalidInputError or a PrerequisiteError, and has written nothing then.
 */
export async function prepareEnvironment(
  env: NodeJS.ProcessEnv,
  say: (line: string) => void,
): Promise<PreparedEnvironment> {
  const { command } = await resolveEngine(notesTo(say));
  const folder = mkdtempSync(join(tmpdir(), 'pipeline-'));
  const clear = () => {
    rmSync(folder, { recursive: true, force: true });
  };
  const files = googleCredentials(env, folder);
  if (files !== undefined && 'problems' in files) {
    clear();
    throw new InvalidInputError(files.problems);
  }
  for (const [name, text] of Object.entries(files ?? {})) {
    writeFileSync(join(folder, name), text, { mode: 0o600 });
  }
  return {
    env: {
      ...env,
      PATH: [dirname(command), env['PATH'] ?? ''].join(delimiter),
      // What Node has compiled once: the steps start a dozen processes of it.
      NODE_COMPILE_CACHE: env['NODE_COMPILE_CACHE'] ?? join(folder, 'compile-cache'),
      ...(files && { GOOGLE_APPLICATION_CREDENTIALS: join(folder, 'credentials.json') }),
    },
    clear,
  };
}
