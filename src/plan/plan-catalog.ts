import type { CatalogEntry, ContainerImage, DiskImage, Image } from '../catalog/image.ts';
import { loadCatalog, type ParsedCatalog } from '../catalog/parse-catalog.ts';
import type { FileTree } from '../file-tree.ts';
import {
  LONGEST_NAME,
  parseRepository,
  type ImageReference,
  type Registry,
  type Repository,
  type Tag,
} from '../image-reference.ts';
import { InvalidInputError, type Problem } from '../problem.ts';
import type { ParsedSettings } from '../settings/parse-settings.ts';
import type { Settings } from '../settings/settings.ts';
import type { ImmutableTag } from '../tag/build-inputs.ts';
import { tagCatalog, type TaggedImage } from '../tag/tag-catalog.ts';

/** The place in a registry where an image is published. */
interface PublishedAs extends ImmutableTag {
  readonly registry: Registry;
  /** `<prefix>/<name>`, without the registry. */
  readonly repository: Repository;
  /** `registry/repository:tag`, with the immutable tag. */
  readonly reference: ImageReference & { readonly tag: Tag };
}

/** An image of the catalog, and the place where it is published. */
export type PlannedImage = Image & PublishedAs;

export type PlannedContainer = ContainerImage & PublishedAs;

export type PlannedDisk = DiskImage & PublishedAs;

/** What a stack publishes, and where. */
export interface CatalogPlan {
  readonly settings: Settings;
  readonly images: readonly PlannedImage[];
}

const NO_CATALOG: ParsedCatalog = { entries: [], problems: [] };

/**
 * Plans all images of the catalog at the path `file`, by default the one that the settings name.
 * Throws one InvalidInputError with all problems of the settings, of the catalog, and of the contexts
 * of its images, whatever else is wrong with these entries; where the settings are too broken to name
 * a catalog, with their problems alone.
 */
export function planCatalog(
  tree: FileTree,
  parsed: ParsedSettings,
  file = 'settings' in parsed ? parsed.settings.catalogFile : parsed.catalogFile,
): CatalogPlan {
  const catalog = file === undefined ? NO_CATALOG : loadCatalog(tree, file);
  const { images, problems } = tagCatalog(catalog, tree);
  if (!('settings' in parsed)) throw new InvalidInputError([...parsed.problems, ...problems]);
  const { settings } = parsed;
  const all = [...problems, ...checkNameLengths(catalog.entries, settings)];
  if (all.length > 0) throw new InvalidInputError(all);
  return { settings, images: images.map((image) => publishedAs(image, settings)) };
}

function publishedAs({ image, tag, inputs }: TaggedImage, settings: Settings): PlannedImage {
  const { registry } = settings;
  const repository = repositoryOf(image.name, settings);
  if (typeof repository === 'number') throw new RangeError(`${image.name} is too long a name`);
  return { ...image, registry, repository, tag, reference: { registry, repository, tag }, inputs };
}

function checkNameLengths(
  entries: readonly CatalogEntry[],
  settings: Settings,
): readonly Problem[] {
  return entries.flatMap(({ image, place }): readonly Problem[] => {
    const length = image && repositoryOf(image.name, settings);
    if (typeof length !== 'number') return [];
    const problem = `with registry and prefix the name has ${length} of at most ${LONGEST_NAME} characters`;
    const remedy = 'shorten the name, or `repositoryId` in the stack settings';
    return [{ code: 'NAME_TOO_LONG', ...place, problem, remedy }];
  });
}

/**
 * The repository that an image of this name is published to, or the length of `registry/repository`
 * where that is more than a registry takes.
 */
function repositoryOf(
  name: string,
  { registry, repositoryPrefix }: Pick<Settings, 'registry' | 'repositoryPrefix'>,
): Repository | number {
  const path = `${repositoryPrefix}/${name}`;
  const { length } = `${registry}/${path}`;
  const repository = parseRepository(path);
  return repository === undefined || length > LONGEST_NAME ? length : repository;
}
