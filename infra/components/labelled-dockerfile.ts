import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { labelledDockerfile } from '../../src/catalog/labelled-dockerfile.ts';
import type { PlannedImage } from '../../src/plan/plan-stack.ts';
import { hasErrorCode } from '../../src/problem.ts';
import { INPUTS_LABEL } from '../../src/tag/build-inputs.ts';

type Recipe = Pick<PlannedImage, 'dockerfile' | 'target' | 'tag'>;

/**
 * Copies an image's Dockerfile into a folder of its own, with a label more that names the immutable tag. A label
 * line in the Dockerfile itself would change the tag, and docker.Image can set no labels. The ignore file that
 * belongs to the Dockerfile comes along. `release` removes the folder.
 */
export async function openDockerfile({ dockerfile, target, tag }: Recipe) {
  const text = await readFile(dockerfile, 'utf8');
  const folder = await mkdtemp(join(tmpdir(), 'dockerfile-'));
  const copy = join(folder, basename(dockerfile));
  await writeFile(copy, labelledDockerfile(text, target, [INPUTS_LABEL, tag]));
  const ignore = '.dockerignore';
  await copyFile(`${dockerfile}${ignore}`, `${copy}${ignore}`).catch((error: unknown) => {
    if (!hasErrorCode(error, 'ENOENT')) throw error;
  });
  return { dockerfile: copy, release: () => rm(folder, { recursive: true, force: true }) };
}
