import { isAbsolute, relative, resolve, sep } from 'node:path';
import { dirname } from 'node:path/posix';
import { Command, InvalidArgumentError } from 'commander';
import { formatTable, printable } from './format-table.ts';
import { parseStackName } from './options.ts';
import { atRevision, readStackSettings } from './read-stack-settings.ts';
import { EXIT_CODES, type CliContext, type ExitCode, type Subcommand } from './subcommand.ts';
import { checkChecksumChanges } from '../catalog/check-disks.ts';
import type { Image } from '../catalog/image.ts';
import { loadCatalog } from '../catalog/parse-catalog.ts';
import type { FileTree } from '../file-tree.ts';
import { commitTree } from '../git/commit-tree.ts';
import { untrackedFiles } from '../git/checkout-state.ts';
import { workingTree } from '../git/working-tree.ts';
import { formatImageReference } from '../image-reference.ts';
import { planStack } from '../plan/plan-stack.ts';
import type { PlannedImage } from '../plan/plan-catalog.ts';
import { InvalidInputError } from '../problem.ts';
import { countedFiles } from '../tag/list-context.ts';
import { earlierImages } from '../tag/tag-catalog.ts';

interface PlanOptions {
  readonly stack: string;
  readonly catalog?: string;
  readonly against?: string;
  readonly json?: true;
}

/** `images plan`: what the catalog would publish, from the files of the checkout alone. */
export function planCommand(context: CliContext): Subcommand {
  const parsePath = (text: string) => parseCheckoutPath(context.root, text);
  const command = new Command('plan')
    .description('Print what the catalog would publish, and under which tags')
    .option('--stack <name>', 'the stack whose settings to use', parseStackName, 'prod')
    .option('--catalog <path>', "a catalog other than the stack's", parsePath)
    .option('--against <revision>', 'print only images with a new or changed tag since then')
    .option('--json', 'print JSON instead of a table');
  return { command, run: () => plan(context, command.opts<PlanOptions>()) };
}

function plan({ root, out, err }: CliContext, options: PlanOptions): ExitCode {
  const { stack, catalog, against, json } = options;
  const tree = workingTree(root);
  const { images, settings, warnings } = planStack(tree, readStackSettings(tree, stack), catalog);
  const file = catalog ?? settings.catalogFile;
  const shown = against === undefined ? images : changedImages(images, { root, file, against });
  for (const warning of [...warnings, ...untrackedWarnings(root, tree, images)]) {
    err(`warning: ${warning}\n`);
  }
  out(`${json === true ? formatAsJson(shown) : formatAsTable(shown)}\n`);
  return EXIT_CODES.done;
}

/** Throws an InvalidInputError for problems that only the comparison shows. */
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
function formatAsJson(images: readonly PlannedImage[]): string {
  const rows = images.map((image) => {
    const { name, kind, repository, tag, reference, platform, context, inputs } = image;
    return {
      name,
      kind,
      repository,
      tag,
      reference: formatImageReference(reference),
      ...(image.kind === 'vm-disk'
        ? { source: image.source, enlargeBy: image.enlargeBy }
        : { base: formatImageReference(image.base) }),
      platform,
      context,
      inputs,
    };
  });
  return JSON.stringify(rows, null, 2);
}

function formatAsTable(images: readonly PlannedImage[]): string {
  const rows = images.map((image) => {
    const { name, kind, tag, platform, context } = image;
    return [name, kind, tag, originOf(image), platform, context];
  });
  return formatTable(['IMAGE', 'KIND', 'TAG', 'MADE FROM', 'PLATFORM', 'CONTEXT'], rows);
}

/** The base without its digest, or the disk's file name: the JSON has digests and whole URLs. */
function originOf(image: PlannedImage): string {
  if (image.kind === 'vm-disk') return new URL(image.source.url).pathname.split('/').at(-1) ?? '';
  return formatImageReference({ ...image.base, digest: undefined });
}

const MOST_PRINTED = 20;

/**
 * A warning for each file that the images' tags count and git does not track: a clean checkout gets
 * other tags. None outside of a repository.
 */
function untrackedWarnings(
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
  const reason = 'is not in git: the tag counts it, a clean checkout will have another';
  const shown = found.toSorted().slice(0, MOST_PRINTED);
  const lines = shown.map((file) => `${printable(file)} ${reason}`);
  const others = found.length - shown.length;
  return others > 0 ? [...lines, `and ${others} more files are not in git`] : lines;
}

function folderOf(path: string): string {
  const folder = dirname(path);
  return folder === '.' ? '' : folder;
}
