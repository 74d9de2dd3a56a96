import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { labelledDockerfile } from '../catalog/labelled-dockerfile.ts';
import type { Tag } from '../image-reference.ts';
import { hasErrorCode } from '../problem.ts';
import { INPUTS_LABEL } from '../tag/build-inputs.ts';

interface Recipe {
  readonly dockerfile: string;
  readonly target?: string | undefined;
  /** The immutable tag of the build inputs. */
  readonly tag: Tag;
}

/**
 * Copies an image's Dockerfile into a folder of its own, with a label more that names its build inputs. A label
 * line in the Dockerfile itself would change the tag, and docker.Image can set no labels. The ignore file that
 * belongs to the Dockerfile comes along. `release` removes the folder, and so does the next build that has it: it
 * may be what a killed run left.
 */
export async function openDockerfile(folder: string, { dockerfile, target, tag }: Recipe) {
  const text = await readFile(dockerfile, 'utf8');
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const copy = join(folder, basename(dockerfile));
  await writeFile(copy, labelledDockerfile(text, target, [INPUTS_LABEL, tag]));
  const ignore = '.dockerignore';
  await copyFile(`${dockerfile}${ignore}`, `${copy}${ignore}`).catch((error: unknown) => {
    if (!hasErrorCode(error, 'ENOENT')) throw error;
  });
  return { dockerfile: copy, release: () => rm(folder, { recursive: true, force: true }) };
}
