import { cpSync, mkdtempSync, realpathSync, rmSync, chmodSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { CHECKOUT } from '../../infra/sandbox/sandbox.ts';
import type { Prerequisites } from '../engine/global-setup.ts';
import { startRun, type Run } from './processes.ts';

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

const CODE = ['infra', 'src'];
const REST = [
  'config',
  'package.json',
  'package-lock.json',
  'Pulumi.yaml',
  '.gitignore',
  '.gitlab-ci.yml',
];

/**
 * Copies the project to a folder that exists, with the dependencies linked. The code is linked, too, unless
 * it is to find its own place: Node compiles and keeps it once for all links.
 */
export function copyProject(root: string, code: 'linked' | 'copied', umask = 0o022): void {
  for (const part of code === 'copied' ? [...CODE, ...REST] : REST) {
    cpSync(join(CHECKOUT, part), join(root, part), { recursive: true });
  }
  for (const part of code === 'linked' ? [...CODE, 'node_modules'] : ['node_modules']) {
    symlinkSync(join(CHECKOUT, part), join(root, part));
  }
  chmodSync(root, 0o777 & ~umask);
}
