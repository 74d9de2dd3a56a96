import { chmodSync, cpSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { CHECKOUT } from '../../infra/sandbox/checkout.ts';

const PARTS = [
  'infra',
  'src',
  'config',
  'package.json',
  'package-lock.json',
  'Pulumi.yaml',
  '.gitignore',
  '.gitlab-ci.yml',
];

/** Copies the project to a folder that exists, with the dependencies linked. */
export function copyProject(root: string, umask = 0o022): void {
  for (const part of PARTS) {
    cpSync(join(CHECKOUT, part), join(root, part), { recursive: true });
  }
  symlinkSync(join(CHECKOUT, 'node_modules'), join(root, 'node_modules'));
  chmodSync(root, 0o777 & ~umask);
}
