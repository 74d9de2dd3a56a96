import { isAbsolute, relative, resolve, sep } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { atRevision, parseStackName } from './options.ts';
import { readStackSettings } from './read-stack-settings.ts';
import type { CliContext } from './cli-context.ts';
import { checkChecksumChanges } from '../catalog/check-disks.ts';
import { loadCatalog } from '../catalog/parse-catalog.ts';
import { commitTree } from '../git/commit-tree.ts';
import { workingTree } from '../git/working-tree.ts';
import { earlierImages } from '../tag/earlier-images.ts';
import { planStack } from '../plan/plan-stack.ts';
import type { PlannedImage } from '../plan/planned-image.ts';
import { InvalidInputError } from '../problem.ts';
import { formatTable } from './format-table.ts';
import { formatImageReference } from '../image-reference.ts';
import type { Image } from '../catalog/image.ts';
import { untrackedFiles } from '../git/untracked-files.ts';
import { countedFiles } from '../tag/list-context.ts';
import type { FileTree } from '../file-tree.ts';
import { dirname } from 'node:path/posix';

interface PlanOptions {
  readonly stack: string;
  readonly catalog?: string;
  readonly against?: string;
  readonly json?: true;
}

/** `images plan`: what the catalog would publish, from the files of the checkout alone. */
export function planCommand(context: CliContext): Command {
  return new Command('plan')
    .description('Print what the catalog would publish, and under which tags')
    .option('--stack <name>', 'the stack whose settings to use', parseStackName, 'prod')
    .option('--catalog <path>', "a catalog other than the stack's", (path) =>
      parseCheckoutPath(context.root, path),
    )
    .option('--against <revision>', 'print only what has another tag there, or is not there')
    .option('--json', 'print JSON instead of a table')
    .action((options: PlanOptions) => {
      plan(context, options);
    });
}

function plan({ root, out, err }: CliContext, options: PlanOptions): void {
  const { stack, catalog, against, json } = options;
  const tree = workingTree(root);
  const { images, settings, warnings } = planStack(tree, readStackSettings(tree, stack), catalog);
  const file = catalog ?? settings.catalog;
  const shown = against === undefined ? images : changedImages(images, { root, file, against });
  const lines = warnings.map((warning) => `warning: ${warning}`);
  for (const line of [...lines, ...warnOfUntrackedFiles(root, tree, images)]) err(`${line}\n`);
  out(`${json === true ? formatPlanAsJson(shown) : formatPlanAsTable(shown)}\n`);
}

/** Throws for what only the comparison shows to be wrong. */
function changedImages(
  images: readonly PlannedImage[],
  { root, file, against }: { root: string; file: string; against: string },
): readonly PlannedImage[] {
  const before = atRevision(against, () => earlierImages(commitTree(root, against), file));
  const { entries } = loadCatalog(workingTree(root), file);
  const problems = checkChecksumChanges(before, entries);
  if (problems.length > 0) throw new InvalidInputError(problems);
  const known = new Map(before.map(({ name, tag }) => [name, tag]));
  return images.filter(({ name, tag }) => known.get(name) !== tag);
}

function parseCheckoutPath(root: string, text: string): string {
  const path = relative(root, resolve(root, text)).split(sep).join('/');
  if (path !== '' && path !== '..' && !path.startsWith('../') && !isAbsolute(path)) return path;
  throw new InvalidArgumentError('It must be a file inside the checkout.');
}

/**
 * A JSON array with an object for each image, in the catalog's order. A container has a base, a VM disk
 * a source and the bytes that it is enlarged by.
 */
function formatPlanAsJson(images: readonly PlannedImage[]): string {
  const rows = images.map((image) => {
    const { name, kind, repository, tag, reference, platform, context, inputs } = image;
    const origin =
      image.kind === 'vm-disk'
        ? { source: image.source, enlargeBy: image.enlargeBy }
        : { base: formatImageReference(image.base) };
    return {
      name,
      kind,
      repository,
      tag,
      reference: formatImageReference(reference),
      ...origin,
      platform,
      context,
      inputs,
    };
  });
  return JSON.stringify(rows, null, 2);
}

/** A table with a line for each image. */
function formatPlanAsTable(images: readonly PlannedImage[]): string {
  const rows = images.map((image) => {
    const { name, kind, tag, platform, context } = image;
    return [name, kind, tag, madeFrom(image), platform, context];
  });
  return formatTable(['IMAGE', 'KIND', 'TAG', 'MADE FROM', 'PLATFORM', 'CONTEXT'], rows);
}

/** The base's name, or that of the file: digests and whole URLs are in the JSON, and fill a line each. */
function madeFrom(image: PlannedImage): string {
  if (image.kind === 'vm-disk') return new URL(image.source.url).pathname.split('/').at(-1) ?? '';
  const { registry, repository, tag } = image.base;
  return formatImageReference({ registry, repository, ...(tag !== undefined && { tag }) });
}

const MOST_PRINTED = 20;

/**
 * A line for each file that the images' tags count and git does not know, and so no other checkout
 * has; none outside a repository.
 */
function warnOfUntrackedFiles(
  root: string,
  tree: FileTree,
  images: readonly Pick<Image, 'context' | 'dockerfile'>[],
): readonly string[] {
  const places = images.flatMap(({ context, dockerfile }) => [context, folderOf(dockerfile)]);
  const untracked = untrackedFiles(root, [...new Set(places)]);
  if (untracked.length === 0) return [];
  const exact = new Set(untracked);
  const repositories = untracked.filter((path) => path.endsWith('/'));
  const found = [...countedFiles(images, tree)].filter(
    (file) => exact.has(file) || repositories.some((folder) => file.startsWith(folder)),
  );
  const lines = found
    .toSorted()
    .slice(0, MOST_PRINTED)
    .map(
      (file) =>
        `warning: ${printable(file)} is not in git: the tag counts it, a clean checkout will have another`,
    );
  const others = found.length - lines.length;
  return others > 0 ? [...lines, `warning: and ${others} more files are not in git`] : lines;
}

function folderOf(path: string): string {
  const folder = dirname(path);
  return folder === '.' ? '' : folder;
}

/** A name may hold line breaks and what else moves a terminal's cursor. */
function printable(path: string): string {
  return /\p{Cc}/u.test(path) ? JSON.stringify(path) : path;
}
