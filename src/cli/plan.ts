import { isAbsolute, relative, resolve, sep } from 'node:path';
import { InvalidArgumentError } from 'commander';
import { formatTable } from './format-table.ts';
import { jsonOption, stackOption } from './options.ts';
import { atRevision, planCheckout } from './read-stack.ts';
import { EXIT_CODES, option, subcommand } from './subcommand.ts';
import { checkChecksumChanges } from '../catalog/check-disks.ts';
import { isBuilt } from '../catalog/image.ts';
import { loadCatalog } from '../catalog/parse-catalog.ts';
import { commitTree } from '../git/commit-tree.ts';
import { treeDifferences, treeWarnings } from '../git/tree-differences.ts';
import { workingTree } from '../git/working-tree.ts';
import { formatImageReference } from '../image-reference.ts';
import type { PlannedImage } from '../plan/plan-stack.ts';
import { InvalidInputError } from '../problem.ts';
import { loadEarlierImages } from '../tag/tag-catalog.ts';

/** `images plan`: what the catalog would publish, from the files of the checkout alone. */
export const planCommand = subcommand({
  name: 'plan',
  description: 'Print what the catalog would publish, and under which tags',
  options: {
    stack: stackOption,
    catalog: option('--catalog <path>', "a catalog other than the stack's"),
    against: option(
      '--against <revision>',
      'print only images with a new or changed tag since then',
    ),
    json: jsonOption,
  },
  run: ({ root, out, err }, { stack, catalog, against, json }) => {
    const chosen = catalog === undefined ? undefined : parseCheckoutPath(root, catalog);
    const plan = planCheckout(root, stack, chosen);
    const { settings, warnings } = plan;
    const file = chosen ?? settings.catalogFile;
    const differences = treeDifferences(root, plan, file);
    // Where nobody edited anything, a publication from another checkout has the tags of the commit.
    const isCommit = differences.length > 0 && differences.every(({ isEdit }) => !isEdit);
    const { images } = isCommit
      ? planCheckout(root, stack, chosen, commitTree(root, 'HEAD'))
      : plan;
    const shown = against === undefined ? images : changedImages(images, root, file, against);
    for (const warning of [...warnings, ...treeWarnings(differences)]) {
      err(`warning: ${warning}\n`);
    }
    out(`${json === true ? formatAsJson(shown) : formatAsTable(shown)}\n`);
    return EXIT_CODES.done;
  },
});

function parseCheckoutPath(root: string, text: string): string {
  const path = relative(root, resolve(root, text)).split(sep).join('/');
  if (path !== '' && path !== '..' && !path.startsWith('../') && !isAbsolute(path)) return path;
  throw new InvalidArgumentError('--catalog must name a file inside the checkout.');
}

/**
 * The images with a new or changed tag since a revision. Throws an InvalidInputError for problems that only the
 * comparison shows.
 */
export function changedImages(
  images: readonly PlannedImage[],
  root: string,
  file: string,
  against: string,
): readonly PlannedImage[] {
  const before = atRevision(against, () => loadEarlierImages(commitTree(root, against), file));
  const { entries } = loadCatalog(workingTree(root), file);
  const problems = checkChecksumChanges(before, entries);
  if (problems.length > 0) throw new InvalidInputError(problems);
  const known = new Map(before.map(({ name, tag }) => [name, tag]));
  return images.filter(({ name, tag }) => known.get(name) !== tag);
}

/**
 * A JSON array with an object for each image, in the catalog's order. A container has a base, a VM disk
 * a source and the bytes that it is enlarged by, a copy what it is copied from and what that holds, and no context.
 * One for several platforms lists them, each with its own tag.
 */
function formatAsJson(images: readonly PlannedImage[]): string {
  const rows = images.map((image) => {
    const { name, kind, repository, tag, inputs, builds } = image;
    const reference = formatImageReference(image.reference);
    const origin = originAsJson(image);
    const platforms = builds.map(({ platform, tag: of }) => {
      const source = image.kind === 'vm-disk' ? image.sources[platform] : undefined;
      return { platform, source, tag: of };
    });
    const [{ platform, source } = {}, ...others] = platforms;
    const only = others.length === 0 ? { platform, source } : { platforms };
    const context = contextOf(image);
    return { name, kind, repository, tag, reference, ...origin, ...only, context, inputs };
  });
  return JSON.stringify(rows, null, 2);
}

function originAsJson(image: PlannedImage) {
  switch (image.kind) {
    case 'vm-disk':
      return { enlargeBy: image.enlargeBy };
    case 'container':
      return { base: formatImageReference(image.base) };
    case 'copy':
      return { from: formatImageReference(image.from), holds: image.holds };
  }
}

function contextOf(image: PlannedImage): string | undefined {
  return isBuilt(image) ? image.context : undefined;
}

function formatAsTable(images: readonly PlannedImage[]): string {
  const rows = images.map((image) => {
    const { name, kind, tag, platforms } = image;
    return [name, kind, tag, originOf(image), platforms.join(', '), contextOf(image) ?? ''];
  });
  return formatTable(['IMAGE', 'KIND', 'TAG', 'MADE FROM', 'PLATFORM', 'CONTEXT'], rows);
}

/** A reference without its digest, or the disk's file name: the JSON has digests and whole URLs. */
function originOf(image: PlannedImage): string {
  if (image.kind === 'vm-disk') {
    const urls = Object.values(image.sources).map(({ url }) => new URL(url).pathname);
    return urls.map((path) => path.split('/').at(-1) ?? '').join(', ');
  }
  const reference = image.kind === 'copy' ? image.from : image.base;
  return formatImageReference({ ...reference, digest: undefined });
}
