import { rmSync, symlinkSync } from 'node:fs';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Pipeline } from './pipeline.ts';
import { runCommand } from '../../../toolchain/run-command.ts';
import type { Sandbox } from '../../sandbox.ts';

/** GitLab's own default for GIT_DEPTH. */
const DEPTH = '20';

/**
 * Clones the project to `checkout` as a runner of GitLab's does, shallow and with a detached HEAD; with the
 * dependencies in place, and the repository whose branches use the images.
 */
export async function cloneProject(
  { root, project, consumer }: Sandbox,
  { ref, sha }: Pick<Pipeline, 'ref' | 'sha'>,
  checkout: string,
): Promise<void> {
  rmSync(checkout, { recursive: true, force: true });
  // By a URL: what a path names is copied whole, whatever the depth.
  const origin = pathToFileURL(project).href;
  await runCommand('git', [
    'clone',
    '--quiet',
    '--depth',
    DEPTH,
    '--branch',
    ref,
    origin,
    checkout,
  ]);
  await runCommand('git', ['-C', checkout, 'checkout', '--quiet', '--detach', sha]);
  for (const shared of [join(root, 'node_modules'), consumer]) {
    symlinkSync(shared, join(checkout, relative(root, shared)));
  }
}
