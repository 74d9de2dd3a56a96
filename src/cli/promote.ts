import { existsSync, realpathSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { listVersions } from './list-versions.ts';
import { readTextOf, stackOption } from './options.ts';
import { requireSettings } from './read-stack.ts';
import { createFile, replaceFile } from './replace-file.ts';
import { EXIT_CODES, option, subcommand } from './subcommand.ts';
import { findReferences } from '../branches/find-references.ts';
import { formatVersion, type References } from '../branches/references.ts';
import { sourceOpener } from '../git/open-source.ts';
import { workingTree } from '../git/working-tree.ts';
import { inputError } from '../problem.ts';
import { promotedVersions } from '../promotion/promoted-versions.ts';
import { addPromotions } from '../promotion/thin-manifest.ts';
import { resolveNeeds } from '../retention/resolve-needs.ts';
import { loadRetention } from '../retention/parse-retention.ts';
import { closest, didYouMean, quote } from '../yaml/wording.ts';

/** `images promote`: writes what branches need into the manifest that another tool promotes images by. */
export const promoteCommand = subcommand({
  name: 'promote',
  description: "Add the versions that branches need to kpromo's images.yaml",
  options: {
    stack: stackOption,
    kpromo: option('--kpromo <file>', 'an images.yaml; created if it does not exist'),
    branch: option(
      '--branch <name>',
      'add what this branch needs (default: all supported branches)',
    ),
  },
  run: async ({ root, out, err }, { stack, kpromo: file, branch }) => {
    if (file === undefined) {
      const remedy = 'write --kpromo images/<name>/images.yaml';
      throw inputError('NO_PROMOTION_FILE', 'nothing says which file to write', remedy);
    }
    const tree = workingTree(root);
    const settings = requireSettings(tree, stack);
    const retention = loadRetention(tree, settings.retentionFile);
    const open = sourceOpener({ checkout: root });
    const all = findReferences(retention, settings.retentionFile, open);
    const references = ofBranch(all, branch);
    const names = references.needs.map(({ image }) => image);
    const { versions } = await listVersions(tree, stack, settings, names);
    const needs = resolveNeeds(references, versions);
    const unmet = [...needs].filter(([, version]) => version === undefined);
    for (const [need] of unmet) {
      const shown = formatVersion(need);
      err(`warning: the registry does not have ${shown}, which ${need.branch.branch} needs\n`);
    }
    const added = addTo(root, file, promotedVersions(needs, versions));
    out(added === 0 ? `${file} has them already.\n` : `${file}: ${added} added.\n`);
    return unmet.length === 0 ? EXIT_CODES.done : EXIT_CODES.problem;
  },
});

function ofBranch(references: References, name: string | undefined): References {
  if (name === undefined) return references;
  const branches = references.branches.filter(({ branch }) => branch === name);
  if (branches.length === 0) {
    const names = references.branches.map(({ branch }) => branch);
    const remedy = didYouMean(
      closest(name, names),
      `the supported branches are ${names.join(', ')}`,
    );
    throw inputError('UNKNOWN_BRANCH', `${quote(name)} is no supported branch`, remedy);
  }
  const needs = references.needs.filter(({ branch }) => branches.includes(branch));
  return { branches, needs };
}

/** Writes the file unless it has all of them, and returns how many it lacked. */
function addTo(
  root: string,
  file: string,
  promotions: Parameters<typeof addPromotions>[2],
): number {
  const place = resolve(root, file);
  if (!existsSync(place)) {
    const { text, added } = addPromotions(file, '', promotions);
    if (added > 0) createFile(place, Buffer.from(text));
    return added;
  }
  const read = readTextOf(root, file, 'let this user read it, or write another file');
  const before = Buffer.from(read);
  const { text, added } = addPromotions(file, read, promotions);
  // A link stays, and the file that it leads to is replaced.
  const real = realpathSync(place);
  if (added > 0) replaceFile(dirname(real), basename(real), before, Buffer.from(text));
  return added;
}
