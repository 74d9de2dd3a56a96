import { createHash } from 'node:crypto';
import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { labelledDockerfile } from '../catalog/labelled-dockerfile.ts';
import { cacheFolder } from '../git/cache-folder.ts';
import type { Tag } from '../image-reference.ts';
import { hasErrorCode } from '../problem.ts';
import { INPUTS_LABEL } from '../tag/build-inputs.ts';

interface Recipe {
  /** Names the one user of the folder, such as an image of a stack. */
  readonly owner: readonly string[];
  readonly dockerfile: string;
  readonly target?: string | undefined;
  /** The immutable tag of the build inputs. */
  readonly tag: Tag;
}

/**
 * Copies an image's Dockerfile into a folder of its own, with a label more that names its build inputs. A label
 * line in the Dockerfile itself would change the tag, and docker.Image can set no labels. The ignore file that
 * belongs to the Dockerfile comes along. `release` removes the folder.
 *
 * Each owner has one folder, for one build at a time: what a killed run leaves, its next build replaces.
 */
export async function openDockerfile({ owner, dockerfile, target, tag }: Recipe) {
  const text = await readFile(dockerfile, 'utf8');
  const key = createHash('sha256').update(JSON.stringify(owner)).digest('hex').slice(0, 32);
  const folder = join(cacheFolder(), 'dockerfiles', key);
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
