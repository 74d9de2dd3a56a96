import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { InvalidArgumentError } from 'commander';
import { stackOption } from './options.ts';
import { openRegistry } from './read-registry.ts';
import { requireSettings } from './read-stack.ts';
import { replaceFile } from './replace-file.ts';
import { EXIT_CODES, option, subcommand } from './subcommand.ts';
import { findReferences } from '../branches/find-references.ts';
import { versionOf } from '../branches/pins.ts';
import { formatVersion, type Need, type References } from '../branches/references.ts';
import { sourceOpener } from '../git/open-source.ts';
import { workingTree } from '../git/working-tree.ts';
import {
  LATEST,
  parseDigest,
  parseRepository,
  parseTag,
  type Digest,
  type Tag,
} from '../image-reference.ts';
import { inputError } from '../problem.ts';
import { findManifest } from '../registry/registry-client.ts';
import { parseRetention } from '../retention/parse-retention.ts';
import { writePin } from '../retention/write-pin.ts';
import { closest, didYouMean, quote } from '../yaml/wording.ts';
import { loadText } from '../yaml/read-text.ts';

/** `images pin`: writes into the retention file which version a branch needs that names an image alone. */
export const pinCommand = subcommand({
  name: 'pin',
  description: 'Pin an image of a branch to a version, in the retention file',
  arguments: [
    ['<branch>', 'a supported branch, such as release-2.31'],
    ['<image>', 'an image that the branch names without a tag'],
  ],
  options: {
    stack: stackOption,
    to: option('--to <version>', 'a tag or a digest (default: the digest of latest)', parseVersion),
    source: option('--source <name>', 'the source of the branch, where several have one'),
  },
  run: async ({ root, out }, { stack, to, source }, branch, image) => {
    const tree = workingTree(root);
    const settings = requireSettings(tree, stack);
    const file = settings.retentionFile;
    loadText(tree, file, 'retention file');
    const bytes = readFileSync(join(root, file));
    const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
    const open = sourceOpener({ checkout: root });
    const references = findReferences(parseRetention(file, text), file, open);
    const need = findNeed(references, branch, image, source);

    const client = await openRegistry(tree, stack, settings);
    const repository = parseRepository(`${settings.repositoryPrefix}/${image}`);
    const named = repository && (await findManifest(client, repository, to ?? LATEST));
    if (named === undefined) {
      const missing = formatVersion({ image, ...versionOf(to ?? LATEST) });
      const remedy = 'choose a version that is there with --to';
      throw inputError('PIN_MISSING', `the registry has no ${missing}`, remedy);
    }
    const version = to ?? named.digest;
    const shown = formatVersion({ image, ...versionOf(version) });
    const name = `${need.branch.source} ${branch}`;
    if (version === (need.tag ?? need.digest)) {
      out(`${name} is pinned to ${shown} already.\n`);
      return EXIT_CODES.done;
    }
    const pin = { source: need.branch.source, branch, image, version };
    replaceFile(root, file, bytes, Buffer.from(writePin(file, text, pin)));
    out(
      `${file}: ${name} is pinned to ${shown}. The first up after the merge moves the alias ${need.branch.alias} there.\n`,
    );
    return EXIT_CODES.done;
  },
});

function parseVersion(text: string): Tag | Digest {
  const version = parseDigest(text) ?? parseTag(text);
  if (version !== undefined) return version;
  throw new InvalidArgumentError('Write a tag, or a digest such as sha256:<64 digits>.');
}

/** The need of a branch for an image that it names alone. Throws an InvalidInputError. */
function findNeed(
  { branches, needs }: References,
  branch: string,
  image: string,
  source: string | undefined,
): Need {
  const named = branches.filter((each) => each.branch === branch);
  const found = named.filter((each) => source === undefined || each.source === source);
  if (named.length > 0 && found.length !== 1) {
    const names = named.map((each) => each.source);
    const remedy =
      source === undefined
        ? `choose one with --source: ${names.join(', ')}`
        : didYouMean(closest(source, names), `choose one of ${names.join(', ')}`);
    const problem = `${names.length} sources have a supported branch ${quote(branch)}`;
    throw inputError('UNKNOWN_PIN', problem, remedy);
  }
  const ofBranch = needs.filter((need) => found.some((each) => each === need.branch));
  const alone = ofBranch.filter(({ isBare }) => isBare);
  const need = alone.find((each) => each.image === image);
  if (need !== undefined) return need;
  if (found.length === 0) {
    const names = branches.map((each) => each.branch);
    const remedy = didYouMean(closest(branch, names), 'run images references, which lists them');
    throw inputError('UNKNOWN_PIN', `${quote(branch)} is no supported branch`, remedy);
  }
  const exact = ofBranch.find((each) => each.image === image);
  if (exact !== undefined) {
    const problem = `${branch} names ${formatVersion(exact)} itself`;
    throw inputError('UNKNOWN_PIN', problem, 'change it there, in the files of the branch');
  }
  const near = closest(
    image,
    alone.map((each) => each.image),
  );
  const problem = `${branch} does not name ${quote(image)}`;
  throw inputError('UNKNOWN_PIN', problem, didYouMean(near, 'run images references'));
}
