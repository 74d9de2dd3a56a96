import { chmodSync, cpSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { CHECKOUT } from '../../infra/sandbox/sandbox.ts';

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
