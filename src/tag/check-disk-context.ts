import type { DiskImage } from '../catalog/image.ts';
import type { Problem } from '../problem.ts';
import type { FileTree } from '../file-tree.ts';
import { countedFiles } from './list-context.ts';
import { findIgnoreFile } from './load-ignore-rules.ts';

/**
 * A VM disk is built from a folder that holds the prepared disk alone, so a file in its context would
 * count for the tag and then not be there.
 */
export function checkDiskContext(image: DiskImage, tree: FileTree): readonly Problem[] {
  const own = [image.dockerfile, findIgnoreFile(image, tree)];
  const files = [...countedFiles([image], tree)].filter((file) => !own.includes(file));
  return files.map((file) => {
    const problem = 'a vm-disk is built from its disk.qcow2 alone, without this file';
    const remedy = 'move it out of the context, or name it in its .dockerignore';
    return { code: 'DISK_CONTEXT_FILE', file, path: '', problem, remedy };
  });
}
