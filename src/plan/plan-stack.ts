import { isAliasOf } from '../branches/needs.ts';
import type { SupportedBranch } from '../branches/references.ts';
import type { CatalogEntry, ContainerImage, CopiedImage, DiskImage } from '../catalog/image.ts';
import { loadCatalog } from '../catalog/parse-catalog.ts';
import type { FileTree } from '../file-tree.ts';
import {
  isImmutable,
  isPlatformTag,
  LATEST,
  LONGEST_NAME,
  parseRepository,
  type ImageReference,
  type Registry,
  type Repository,
  type Tag,
} from '../image-reference.ts';
import { collectProblems, InvalidInputError, type Problem } from '../problem.ts';
import { loadRetention } from '../retention/parse-retention.ts';
import { unknownImages, type Retention } from '../retention/retention.ts';
import type { ParsedSettings } from '../settings/parse-settings.ts';
import type { Settings } from '../settings/settings.ts';
import { checkPlatforms } from './builders.ts';
import { loadText } from '../yaml/read-text.ts';
import { tagCatalog, type TaggedImage, type Tagging } from '../tag/tag-catalog.ts';

/** What planning adds to a tagged image: the address that it is published at. */
interface Address {
  readonly registry: Registry;
  /** `<prefix>/<name>`, without the registry. */
  readonly repository: Repository;
  /** `registry/repository:tag`, with the immutable tag. */
  readonly reference: ImageReference & { readonly tag: Tag };
}

/** A tagged image with its address. */
export type PlannedImage = TaggedImage & Address;

export type PlannedContainer = ContainerImage & Tagging & Address;

export type PlannedDisk = DiskImage & Tagging & Address;

export type PlannedCopy = CopiedImage & Tagging & Address;

/** One that is built. */
export type PlannedBuild = PlannedContainer | PlannedDisk;

/**
 * The tag that a copy has at its source, which it gets here too; `undefined` for one that has a meaning of its own here,
 * or whose place is the source itself: that tag belongs to whoever has pushed the source.
 */
export function sourceTagOf(
  image: PlannedImage,
  branches: readonly Pick<SupportedBranch, 'alias'>[],
): Tag | undefined {
  if (image.kind !== 'copy') return undefined;
  const { registry, repository, tag } = image.from;
  if (registry === image.registry && repository === image.repository) return undefined;
  if (tag === undefined || tag === LATEST || isImmutable(tag) || isPlatformTag(tag))
    return undefined;
  return branches.some(({ alias }) => isAliasOf(alias, tag)) ? undefined : tag;
}

/** All that a stack declares: what it publishes and where, and how long versions stay. */
export interface StackPlan {
  readonly settings: Settings;
  readonly images: readonly PlannedImage[];
  readonly retention: Retention;
  /** The text of the file that the setting signingTrustedRoot names. */
  readonly trustedRoot: string | undefined;
  /** Things that may be mistakes, a line each. */
  readonly warnings: readonly string[];
}

/**
 * Plans a stack from its settings and the checkout. `catalog` is the path of a catalog other than that of
 * the settings. Throws one InvalidInputError with all problems of the settings, the catalog, the contexts
 * of its images and the retention file. Settings that are too broken to name a file leave it unchecked.
 */
export function planStack(tree: FileTree, parsed: ParsedSettings, catalog?: string): StackPlan {
  const problems: Problem[] = 'problems' in parsed ? [...parsed.problems] : [];
  const settings = 'settings' in parsed ? parsed.settings : undefined;
  const { catalogFile, retentionFile } = 'settings' in parsed ? parsed.settings : parsed;
  const file = catalog ?? catalogFile;
  const images = file === undefined ? [] : planImages(tree, file, settings, problems);
  const retention =
    retentionFile === undefined
      ? undefined
      : collectProblems(problems, () => loadRetention(tree, retentionFile));
  const rootFile = settings?.sigstore.trustedRootFile;
  const trustedRoot =
    rootFile === undefined
      ? undefined
      : collectProblems(problems, () => loadText(tree, rootFile, 'trusted root'));
  if (settings === undefined || retention === undefined || problems.length > 0) {
    throw new InvalidInputError(problems);
  }
  const names = images.map(({ name }) => name);
  const warnings = unknownImages(retention, names).map(
    (image) =>
      `${settings.retentionFile}: allow names ${image}, which is not in the catalog: misspelled, or gone from it`,
  );
  return { settings, images, retention, trustedRoot, warnings };
}

/** The images of a catalog, and `problems` of them; without settings, their problems only. */
function planImages(
  tree: FileTree,
  file: string,
  settings: Settings | undefined,
  problems: Problem[],
): readonly PlannedImage[] {
  const catalog = loadCatalog(tree, file);
  const tagged = tagCatalog(catalog, tree);
  problems.push(...tagged.problems);
  if (settings === undefined) return [];
  problems.push(...checkNameLengths(catalog.entries, settings));
  problems.push(...checkPlatforms(catalog.entries, settings.builders));
  const { registry, repositoryPrefix } = settings;
  return tagged.images.flatMap((image) => {
    const repository = parseRepository(`${repositoryPrefix}/${image.name}`);
    // Its name is too long.
    if (repository === undefined) return [];
    const reference = { registry, repository, tag: image.tag };
    return { ...image, registry, repository, reference };
  });
}

function checkNameLengths(
  entries: readonly CatalogEntry[],
  { registry, repositoryPrefix, destination }: Settings,
): readonly Problem[] {
  const setting = destination.kind === 'plain' ? 'destination' : 'repositoryId';
  return entries.flatMap(({ image, location }): readonly Problem[] => {
    const { length } = `${registry}/${repositoryPrefix}/${image?.name ?? ''}`;
    if (length <= LONGEST_NAME) return [];
    const problem = `with registry and prefix the name has ${length} of at most ${LONGEST_NAME} characters`;
    const remedy = `shorten the name, or \`${setting}\` in the stack settings`;
    return [{ code: 'NAME_TOO_LONG', ...location, problem, remedy }];
  });
}
