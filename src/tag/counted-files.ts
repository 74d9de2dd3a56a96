import type { Image } from '../catalog/image.ts';
import { joinPath } from './context-path.ts';
import { listContext } from './list-context.ts';
import { findIgnoreFile, loadIgnoreRules } from './load-ignore-rules.ts';
import type { FileTree } from '../file-tree.ts';

type Build = Pick<Image, 'context' | 'dockerfile'>;

/** The files that the images' tags count, by their paths in the checkout, each once. */
export function countedFiles(images: readonly Build[], tree: FileTree): ReadonlySet<string> {
  const files = new Set<string>();
  const listed = new Set<string>();
  for (const image of images) {
    const { context, dockerfile } = image;
    files.add(dockerfile);
    const ignoreFile = findIgnoreFile(image, tree);
    if (ignoreFile !== undefined) files.add(ignoreFile);
    const key = JSON.stringify([context, ignoreFile]);
    if (listed.has(key)) continue;
    listed.add(key);
    const rules = ignoreFile === undefined ? [] : loadIgnoreRules(ignoreFile, tree).rules;
    for (const { path } of listContext(context, rules, tree).files) {
      files.add(joinPath(context, path));
    }
  }
  return files;
}
