import { type BuildInputs, combineInputs, immutableTag, platformTag } from './build-inputs.ts';
import { computeBuildInputs } from './compute-build-inputs.ts';
import { emptyHashCache, type HashCache, hashContext } from './hash-context.ts';
import { countedFiles, findIgnoreFile } from './list-context.ts';
import { isBuilt, type DiskImage, type Image } from '../catalog/image.ts';
import { loadCatalog, type ParsedCatalog } from '../catalog/parse-catalog.ts';
import type { FileTree } from '../file-tree.ts';
import type { Tag } from '../image-reference.ts';
import { collectProblems, InvalidInputError, type Problem } from '../problem.ts';

/** What is built of an image for one platform. */
export interface PlatformBuild {
  readonly platform: string;
  /** The tag that it is pushed under, before an index names it. */
  readonly tag: Tag;
  /** The build inputs that give the tag. */
  readonly inputs: BuildInputs;
}

/** What tagging adds to an image of a catalog. */
export interface Tagging {
  /** The immutable tag, which names an index of all platforms. */
  readonly tag: Tag;
  /** The build inputs that give the tag. */
  readonly inputs: BuildInputs;
  /** One for each platform, in the image's order. */
  readonly builds: readonly PlatformBuild[];
  /** The line of the image's name in the catalog, 1-based. */
  readonly line: number;
}

/** An image of a catalog with its immutable tag. */
export type TaggedImage = Image & Tagging;

/** A catalog with the tags of its images. */
interface TaggedCatalog {
  /** The images that can be read and whose contexts can be hashed, in the catalog's order. */
  readonly images: readonly TaggedImage[];
  /** The problems of the catalog and of its images' contexts, each once. */
  readonly problems: readonly Problem[];
}

/**
 * Computes the immutable tags of a catalog: the one place where images get their tags. The contexts of
 * entries with other problems are checked as well.
 */
export function tagCatalog(
  { entries, problems }: ParsedCatalog,
  tree: FileTree,
  cache: HashCache = emptyHashCache(),
): TaggedCatalog {
  const inContexts: Problem[] = [];
  const keyOf = (build: unknown) => JSON.stringify(build);
  const builds = new Map(entries.map(({ build }) => [keyOf(build), build]));
  const hashed = new Set<string>();
  for (const [key, build] of builds) {
    if (build === undefined) continue;
    const hash = collectProblems(inContexts, () => hashContext(build, tree, cache));
    if (hash !== undefined) hashed.add(key);
  }
  const images: TaggedImage[] = [];
  for (const { image, build, location } of entries) {
    if (image?.kind === 'vm-disk') inContexts.push(...checkDiskContext(image, tree));
    if (image === undefined || (isBuilt(image) && !hashed.has(keyOf(build)))) continue;
    const builds = image.platforms.map((platform) => {
      const inputs = computeBuildInputs(image, platform, tree, cache);
      return { platform, tag: platformTag(inputs, platform), inputs };
    });
    const inputs = combineInputs(
      Object.fromEntries(builds.map((build) => [build.platform, build.inputs])),
    );
    const line = location.line ?? 1;
    images.push({ ...image, builds, inputs, tag: immutableTag(inputs), line });
  }
  // Builds with other Dockerfiles share a context, and its problems.
  const once = new Map(inContexts.map((problem) => [JSON.stringify(problem), problem]));
  return { images, problems: [...problems, ...once.values()] };
}

/**
 * A VM disk is built from a folder that holds the prepared disk alone, so a file in its context would
 * count for the tag and then be missing from the build.
 */
function checkDiskContext(image: DiskImage, tree: FileTree): readonly Problem[] {
  const own = [image.dockerfile, findIgnoreFile(image, tree)];
  const files = [...countedFiles([image], tree).files].filter((file) => !own.includes(file));
  return files.map((file) => {
    const problem = 'a vm-disk is built from its disk.qcow2 alone, without this file';
    const remedy = 'move it out of the context, or name it in its .dockerignore';
    return { code: 'DISK_CONTEXT_FILE', file, problem, remedy };
  });
}

/**
 * The tagged images of the catalog at `file`, from the tree's files alone: settings have no part in it.
 * Throws one InvalidInputError with all problems of the catalog and its contexts.
 */
export function loadTaggedImages(tree: FileTree, file: string): readonly TaggedImage[] {
  const { images, problems } = tagCatalog(loadCatalog(tree, file), tree);
  if (problems.length > 0) throw new InvalidInputError(problems);
  return images;
}

/**
 * The images of a catalog that is only compared with. Rules that are younger than the catalog don't
 * count: problems are thrown, as an InvalidInputError, only where an image can't be read.
 */
export function loadEarlierImages(tree: FileTree, file: string): readonly TaggedImage[] {
  const parsed = loadCatalog(tree, file);
  const { images, problems } = tagCatalog(parsed, tree);
  const isWhole = images.length > 0 && images.length === parsed.entries.length;
  if (problems.length > 0 && !isWhole) throw new InvalidInputError(problems);
  return images;
}
