import pLimit from 'p-limit';
import {
  formatWhichAsJson,
  formatWhichAsText,
  unknownLines,
  type UsedList,
  type UsedVersion,
} from './format-which.ts';
import { listVersions } from './list-versions.ts';
import { jsonOption, stackOption } from './options.ts';
import { readPackages, type PublicationPlace } from './read-contents.ts';
import { planCheckout } from './read-stack.ts';
import { EXIT_CODES, subcommand } from './subcommand.ts';
import { findReferences } from '../branches/find-references.ts';
import { formatVersion } from '../branches/references.ts';
import { compareTexts } from '../compare-texts.ts';
import { sourceOpener } from '../git/open-source.ts';
import { workingTree } from '../git/working-tree.ts';
import { LATEST, parseRepository } from '../image-reference.ts';
import { unknown } from '../packages/package-list.ts';
import { RegistryError, type RegistryErrorCode } from '../registry/registry-error.ts';
import {
  resolveNeeds,
  wholeOf,
  type HeldVersion,
  type ResolvedNeeds,
} from '../retention/resolve-needs.ts';

const AT_ONCE = 4;

/** `images which`: which images have a package, in the current version and in those that branches need. */
export const whichCommand = subcommand({
  name: 'which',
  description: 'Find the images that have a package, and in which version, now and on each branch',
  arguments: [['<package>', 'a name, in which * stands for any text and ? for one character']],
  options: { stack: stackOption, json: jsonOption },
  run: async ({ root, out, err }, { stack, json }, pattern) => {
    const { images, retention, settings } = planCheckout(root, stack);
    const open = sourceOpener({ checkout: root });
    const references = findReferences(retention, settings.retentionFile, open);
    const names = [
      ...images.map(({ name }) => name),
      ...references.needs.map(({ image }) => image),
    ];
    const { client, versions } = await listVersions(workingTree(root), stack, settings, names);
    const needs = resolveNeeds(references, versions);
    const used = usedVersions(versions, needs);
    const read = await pLimit(AT_ONCE).map(used, async (version) => {
      const repository = parseRepository(`${settings.repositoryPrefix}/${version.image}`);
      const { digest } = version;
      return repository === undefined ? [] : readLists(version, { client, repository, digest });
    });
    const lists = read.flat();
    const current = new Set(
      used.flatMap(({ image, usedBy }) => (usedBy.includes(LATEST) ? image : [])),
    );
    const missing = [
      ...images.flatMap(({ name }) =>
        current.has(name) ? [] : [`the registry has no current version of ${name}`],
      ),
      ...[...needs].flatMap(([need, version]) =>
        version === undefined && !need.isBare
          ? [`the registry does not have ${formatVersion(need)}, which ${need.branch.alias} needs`]
          : [],
      ),
    ];
    for (const line of [...missing, ...unknownLines(lists)]) err(`warning: ${line}\n`);
    out(
      `${json === true ? formatWhichAsJson(pattern, lists) : formatWhichAsText(pattern, lists)}\n`,
    );
    return EXIT_CODES.done;
  },
});

/** The lists of a version. An error of one version must not hide the other versions. */
async function readLists(
  version: UsedVersion,
  place: PublicationPlace,
): Promise<readonly UsedList[]> {
  try {
    const lists = Object.entries(await readPackages(place));
    return lists.map(([platform, packages]) => ({ ...version, platform, packages }));
  } catch (error) {
    const isOfOne = error instanceof RegistryError && OF_ONE_VERSION.includes(error.code);
    if (!isOfOne) throw error;
    return [{ ...version, platform: 'all platforms', packages: unknown(error.problem) }];
  }
}

const OF_ONE_VERSION: readonly RegistryErrorCode[] = ['MANIFEST_MISSING', 'REGISTRY_ANSWER'];

/** The versions in use, by image, the current one first. */
function usedVersions(
  versions: readonly HeldVersion[],
  needs: ResolvedNeeds,
): readonly UsedVersion[] {
  const current = versions.filter(({ tags }) => tags.includes(LATEST));
  const uses = [
    ...current.map((version) => ({ version, by: LATEST })),
    ...[...needs].flatMap(([{ branch }, version]) =>
      version === undefined ? [] : [{ version: wholeOf(version, versions), by: branch.alias }],
    ),
  ].toSorted((a, b) => compareTexts(a.version.packageName, b.version.packageName));
  const groups = Map.groupBy(uses, ({ version }) => version);
  return [...groups].map(([{ packageName, digest }, all]) => {
    return { image: packageName, digest, usedBy: [...new Set(all.map(({ by }) => by))] };
  });
}
