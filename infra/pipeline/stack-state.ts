import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { stackFile } from '../../src/cli/options.ts';
import { parseJson } from '../../src/json.ts';
import { REPOSITORY_TYPE, repositoryLeft } from '../../src/plan/left-repository.ts';
import { PrerequisiteError } from '../toolchain/prerequisite-error.ts';

interface Place {
  readonly root: string;
  readonly stack: string;
  readonly env: NodeJS.ProcessEnv;
}

const Exported = z.object({
  deployment: z.object({ resources: z.array(z.unknown()).nullish() }),
});

/** The folder of a backend on this machine, such as `file:///tmp/state`; `undefined` for any other backend. */
function folderOf({ PULUMI_BACKEND_URL: backend = '' }: NodeJS.ProcessEnv): string | undefined {
  const url = URL.parse(backend);
  return url?.protocol === 'file:' ? decodeURIComponent(url.pathname) : undefined;
}

/**
 * The environment for a backend on this machine, whose state has no secret to keep: no passphrase unless the pipeline has
 * one.
 */
export function localStateEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { PULUMI_CONFIG_PASSPHRASE: own, PULUMI_CONFIG_PASSPHRASE_FILE: file } = env;
  if (folderOf(env) === undefined || own !== undefined || file !== undefined) return env;
  return { ...env, PULUMI_CONFIG_PASSPHRASE: '' };
}

interface BegunState {
  readonly isNew: boolean;
  /** Puts the stack's file back as it is in git: the engine writes a salt into it. */
  readonly putBack: () => void;
}

/** Makes the stack where its backend is a folder of this machine that does not have it. Throws a PrerequisiteError. */
export function beginState(place: Place): BegunState {
  const folder = folderOf(place.env);
  if (folder === undefined) return { isNew: false, putBack: () => undefined };
  mkdirSync(folder, { recursive: true });
  const file = join(place.root, stackFile(place.stack));
  const before = readFileSync(file);
  const putBack = () => {
    if (!readFileSync(file).equals(before)) writeFileSync(file, before);
  };
  if (pulumi(place, 'export').status === 0) return { isNew: false, putBack };
  const made = pulumi(place, 'init');
  if (made.status === 0) return { isNew: true, putBack };
  putBack();
  const remedy = 'correct PULUMI_BACKEND_URL, which names a folder here';
  throw new PrerequisiteError(`no stack could be made in ${folder}: ${made.stderr.trim()}`, remedy);
}

/** Whether the stack has resources. Throws a PrerequisiteError where that can't be read: nothing must pass for empty. */
export function hasResources(place: Place): boolean {
  const { status, stdout, stderr } = pulumi(place, 'export');
  const exported = Exported.safeParse(parseJson(stdout));
  if (status === 0 && exported.success) {
    return (exported.data.deployment.resources ?? []).length > 0;
  }
  const remedy = `make it with \`pulumi stack init ${place.stack}\`, or correct PULUMI_BACKEND_URL`;
  throw new PrerequisiteError(`the state can't be read: ${stderr.trim()}`, remedy);
}

const Typed = z.object({ type: z.string() });

/**
 * Throws a PrerequisiteError where the state has a repository that the stack's destination does not declare any more. The
 * engine reports a state that can't be read.
 */
export function expectNoRepository(place: Place): void {
  const { status, stdout } = pulumi(place, 'export');
  const exported = Exported.safeParse(parseJson(stdout));
  if (status !== 0 || !exported.success) return;
  const resources = exported.data.deployment.resources ?? [];
  if (!resources.some((each) => Typed.safeParse(each).data?.type === REPOSITORY_TYPE)) return;
  const { problem, remedy } = repositoryLeft(place.stack);
  throw new PrerequisiteError(problem, remedy);
}

function pulumi({ root, stack, env }: Place, command: 'export' | 'init') {
  const args = ['stack', command, '--non-interactive', '--stack', stack];
  return spawnSync('pulumi', args, { cwd: root, env, encoding: 'utf8', maxBuffer: 2 ** 30 });
}
