import { checkDisks } from './check-disks.ts';
import { checkDockerfiles } from './check-dockerfiles.ts';
import { checkPlatforms, disksOf, field, nameOf, readDrafts, type Draft } from './draft.ts';
import type { CatalogEntry } from './image.ts';
import { CATALOG_PROBLEM_CODES, type CatalogProblem } from './problem-code.ts';
import { resolveImage } from './resolve-image.ts';
import { CatalogOutline } from './schema.ts';
import { nameRule } from './value-rules.ts';
import type { FileTree } from '../file-tree.ts';
import { collectProblems, type Problem } from '../problem.ts';
import { checkMapping, isMapping } from '../yaml/check-mapping.ts';
import { formatDocumentPath, type DocumentPath } from '../yaml/document-problem.ts';
import { loadText } from '../yaml/read-text.ts';
import { quote } from '../yaml/wording.ts';
import { locateProblem, parseYaml, type YamlDocument } from '../yaml/yaml-document.ts';

/** All images of a catalog, in its order, and all its problems. */
export interface ParsedCatalog {
  readonly entries: readonly CatalogEntry[];
  /** Each code is a `CatalogProblemCode`; without problems every entry has an image. */
  readonly problems: readonly Problem[];
}

/** Reads and parses the catalog at a path of the checkout, such as `config/images.yml`. */
export function loadCatalog(tree: FileTree, file: string): ParsedCatalog {
  const problems: Problem[] = [];
  const text = collectProblems(problems, () => loadText(tree, file, 'catalog'));
  return text === undefined ? { entries: [], problems } : parseCatalog({ file, text, tree });
}

/** A catalog's text; contexts and Dockerfiles are looked up in `tree`. */
export interface CatalogText {
  /** The catalog's path in the checkout. */
  readonly file: string;
  readonly text: string;
  readonly tree: FileTree;
}

/** Parses a catalog, with defaults and matrices resolved. */
export function parseCatalog({ file, text, tree }: CatalogText): ParsedCatalog {
  const problems: Problem[] = [];
  const document = collectProblems(problems, () => parseYaml(text, file));
  if (document === undefined) return { entries: [], problems };
  const outline = readOutline(document);
  const { drafts, problems: inShape } = readDrafts(outline, document);
  const unresolved: CatalogProblem[] = [];
  const resolved = drafts.map((draft) => ({ draft, ...resolveImage(draft, tree, unresolved) }));
  const dockerfiles = checkDockerfiles(resolved, tree);

  const locationOf = (path: DocumentPath) => {
    return { file, ...document.positionOf(path), path: formatDocumentPath(path) };
  };
  const entries = resolved.map(({ draft, image, build }): CatalogEntry => {
    const location = locationOf(nameOf(draft)?.path ?? draft.path);
    const checksums = disksOf(draft).flatMap(({ platform, checksum }) =>
      platform === undefined || checksum === undefined
        ? []
        : [[platform, locationOf(checksum.path)] as const],
    );
    return { image, build, location, checksumLocations: Object.fromEntries(checksums) };
  });
  const formatLocation = (at: DocumentPath): string => {
    const { path, line, column } = locationOf(at);
    return `${path} (${file}:${line}:${column})`;
  };
  const inCatalog = [
    ...outline.problems,
    ...inShape,
    ...unresolved,
    ...checkNames(drafts, formatLocation),
    ...checkPlatforms(drafts),
    ...checkDisks(drafts, formatLocation),
    ...checkCopies(drafts),
    ...dockerfiles.inCatalog,
  ];
  if (inCatalog.length === 0 && entries.some(({ image }) => image === undefined)) {
    throw new Error('an image of the catalog was lost without a problem: this is a bug');
  }
  const located = inCatalog.map((problem) => locateProblem(problem, document, file));
  return { entries, problems: withoutRepeats([...located, ...dockerfiles.problems]) };
}

function readOutline(document: YamlDocument): {
  readonly defaults?: unknown;
  readonly images: readonly unknown[];
  readonly problems: readonly CatalogProblem[];
} {
  const { value } = document;
  if (isBlank(value)) return { images: [], problems: [emptyCatalog([])] };
  const part = { raw: value, path: [], document };
  const { problems } = checkMapping(CatalogOutline, part, CATALOG_PROBLEM_CODES);
  const { defaults, images } = isMapping(value) ? value : {};
  if (Array.isArray(images) && images.length > 0) return { defaults, images, problems };
  if (!isMapping(value) || !Object.hasOwn(value, 'images') || !isBlank(images)) {
    return { defaults, images: [], problems };
  }
  const others = problems.filter(({ path }) => path[0] !== 'images');
  return { defaults, images: [], problems: [...others, emptyCatalog(['images'])] };
}

function isBlank(value: unknown): boolean {
  return value === null || value === undefined || (Array.isArray(value) && value.length === 0);
}

function emptyCatalog(path: DocumentPath): CatalogProblem {
  const problem = 'there are no images';
  return { code: 'EMPTY_CATALOG', path, problem, remedy: 'list at least one under images' };
}

/** Names must be valid and unique; the first one to have a name keeps it. */
function checkNames(
  drafts: readonly Draft[],
  formatLocation: (path: DocumentPath) => string,
): readonly CatalogProblem[] {
  const taken = new Map<string, DocumentPath>();
  return drafts.flatMap((draft): CatalogProblem[] => {
    const name = nameOf(draft);
    if (name === undefined) return [];
    const { value, path } = name;
    // The schema has checked a declared name.
    const invalid = field(draft, 'name') === undefined ? nameRule(value) : undefined;
    if (invalid !== undefined) {
      return [{ ...invalid, path, remedy: `set name to another one: ${invalid.remedy}` }];
    }
    const other = taken.get(value);
    taken.set(value, other ?? path);
    if (other === undefined) return [];
    const problem = `${quote(value)} is the name of ${formatLocation(other)} already`;
    return [{ code: 'DUPLICATE_NAME', path, problem, remedy: 'give one of them another name' }];
  });
}

/**
 * Checks that no copy of a VM disk has commands of its own: it boots to be verified, so that commands in a container
 * would never run. Commands of the defaults are for other images.
 */
function checkCopies(drafts: readonly Draft[]): readonly CatalogProblem[] {
  const disks = drafts.filter(
    (draft) => draft.kind === 'copy' && field(draft, 'holds')?.value === 'vm-disk',
  );
  return disks.flatMap((draft) =>
    (['verify', 'verifyPrivileged'] as const).flatMap((key): readonly CatalogProblem[] => {
      const path = field(draft, key)?.path;
      if (path?.[0] !== 'images') return [];
      const problem = `${key} is for a container, and this copy holds a vm-disk`;
      const remedy = 'delete it, or write holds: container';
      return [{ code: 'KEY_OF_OTHER_KIND', path, problem, remedy }];
    }),
  );
}

/** Images that share a value share its problem, which is reported once. */
function withoutRepeats(problems: readonly Problem[]): readonly Problem[] {
  const byLocation = problems.map((problem): [string, Problem] => {
    const { code, file, line, column, path } = problem;
    return [JSON.stringify([code, file, line, column, path]), problem];
  });
  return [...new Map(byLocation).values()];
}
