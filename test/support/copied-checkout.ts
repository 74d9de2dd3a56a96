import { cpSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { CHECKOUT } from '../../infra/sandbox/sandbox.ts';
import type { Prerequisites } from '../engine/global-setup.ts';
import { copyProject } from './copy-project.ts';
import { startRun, type Run } from './start-run.ts';

/** A copy of the project as a user has it, with a sandbox of its own. */
export interface CopiedCheckout {
  readonly root: string;
  /** Runs `infra/sandbox/<name>.ts`, as the npm script of that name does. */
  script(name: 'start' | 'stop' | 'pulumi', ...args: string[]): Promise<Run>;
  /** `npm start`, for tests that interrupt it. */
  begin(): ReturnType<typeof startRun>;
  remove(): void;
}

export function copyCheckout({ docker }: Pick<Prerequisites, 'docker'>): CopiedCheckout {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'copy-')));
  copyProject(root, 'copied');
  // The sandbox's settings follow it.
  cpSync(join(CHECKOUT, 'Pulumi.prod.yaml'), join(root, 'Pulumi.prod.yaml'));
  const path = [join(root, 'node_modules/.bin'), process.env['PATH'] ?? ''].join(delimiter);
  const env = { ...process.env, PATH: path, DOCKER_HOST: docker.host };
  return {
    root,
    script: (name, ...args) =>
      startRun('node', [`infra/sandbox/${name}.ts`, ...args], root, env).done,
    begin: () => startRun('node', ['infra/sandbox/start.ts'], root, env),
    remove() {
      rmSync(root, { recursive: true, force: true });
    },
  };
}
