import { createHash } from 'node:crypto';
import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import process from 'node:process';
import pulumi from '@pulumi/pulumi';
import { labelledDockerfile } from '../../src/catalog/labelled-dockerfile.ts';
import { cacheFolder } from '../../src/git/cache-folder.ts';
import { hasErrorCode } from '../../src/problem.ts';
import type { Tag } from '../../src/image-reference.ts';
import { INPUTS_LABEL } from '../../src/tag/build-inputs.ts';

interface Recipe {
  /** Of the resource. */
  readonly name: string;
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
 * Each image of a stack has one folder, for one run at a time: what a killed run leaves, the next build replaces.
 */
export async function openDockerfile({ name, dockerfile, target, tag }: Recipe) {
  const text = await readFile(dockerfile, 'utf8');
  const owner = JSON.stringify([process.cwd(), pulumi.getStack(), name]);
  const key = createHash('sha256').update(owner).digest('hex').slice(0, 32);
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
